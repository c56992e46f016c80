//! One list of the vocabulary, read from JSON and written as Rust.

use std::error::Error;
use std::fmt::Write;

use serde_json::{Map, Value};

/// Keys of an item that are no attribute of it.
const OWN_KEYS: &[&str] = &["id", "label_fr", "label_en", "class"];

/// Keys of an item, or of its `codes`, that name another system and hold the item's code there.
const SYSTEMS: &[&str] = &[
    "caf",
    "cdb",
    "di_v0",
    "di_v1",
    "dora",
    "fr_core",
    "ft",
    "ft_besoin",
    "ft_parcours",
    "itou",
    "rdvi",
    "webrsa",
];

/// The system that `code` belongs to, which the vocabulary says in the source of the list.
const SYSTEM_OF_CODE: &[(&str, &str)] = &[
    ("support_modality", "webrsa"),
    ("contract_type", "cdb"),
    ("immersion_status", "immersion_facile"),
    ("immersion_assessment", "immersion_facile"),
];

/// Codes that changed meaning between versions of their system, hence never a key (list, system).
const UNSTABLE: &[(&str, &str)] = &[("objective", "ft")];

/// A list.
pub(crate) struct List {
    /// Its name in the vocabulary, in snake case.
    pub(crate) name: String,
    source: String,
    items: Vec<Item>,
}

struct Item {
    id: String,
    label_fr: String,
    label_en: String,
    class: Option<u64>,
    codes: Vec<(String, String)>,
    attributes: Vec<(String, String)>,
}

impl List {
    /// Reads a list of the vocabulary.
    pub(crate) fn read(name: &str, list: &Value) -> Result<Self, Box<dyn Error>> {
        let items = list["items"].as_array().ok_or("`items` is an array")?;
        Ok(Self {
            name: name.to_owned(),
            source: list["source"]
                .as_str()
                .ok_or("`source` is a string")?
                .to_owned(),
            items: items
                .iter()
                .map(|item| Item::read(name, item.as_object().ok_or("an item is an object")?))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The name of the static that holds the table.
    pub(crate) fn table(&self) -> String {
        self.name.to_uppercase()
    }

    /// Writes the table.
    pub(crate) fn write_table(&self, code: &mut String) -> Result<(), Box<dyn Error>> {
        let table = self.table();
        writeln!(
            code,
            "static {table}: List = List {{ name: {:?}, source: {:?}, items: &[",
            self.name, self.source
        )?;
        for item in &self.items {
            let class = match item.class {
                Some(class) => format!("Some(Class::{})", class_name(class)?),
                None => "None".to_owned(),
            };
            writeln!(
                code,
                "    Item {{ id: {:?}, label_fr: {:?}, label_en: {:?}, class: {class}, codes: &{:?}, attributes: &{:?} }},",
                item.id, item.label_fr, item.label_en, item.codes, item.attributes
            )?;
        }
        writeln!(code, "] }};")?;
        Ok(())
    }

    /// Writes the enum, through the macros that give it its methods.
    pub(crate) fn write_enum(&self, code: &mut String) -> Result<(), Box<dyn Error>> {
        let name = camel(&self.name);
        writeln!(code, "term! {{ {:?} {name} {} {{", self.name, self.table())?;
        for item in &self.items {
            writeln!(code, "    {:?} {},", item.label_en, camel(&item.id))?;
        }
        writeln!(code, "}} }}")?;
        let classed = self
            .items
            .iter()
            .filter(|item| item.class.is_some())
            .count();
        if classed == self.items.len() {
            writeln!(code, "classed! {{ {name} {{")?;
            for item in &self.items {
                let class = class_name(item.class.unwrap_or_default())?;
                writeln!(code, "    {} {class},", camel(&item.id))?;
            }
            writeln!(code, "}} }}")?;
        } else if classed > 0 {
            return Err(format!("{}: some items have a class and others none", self.name).into());
        }
        Ok(())
    }

    /// Writes the conversions from and to the enum of this list in `proto/`.
    pub(crate) fn write_wire(&self, path: &str, code: &mut String) -> Result<(), Box<dyn Error>> {
        let variants: Vec<_> = self.items.iter().map(|item| camel(&item.id)).collect();
        writeln!(
            code,
            "wire! {{ {} passerelle_proto::{path} {{ {} }} }}",
            camel(&self.name),
            variants.join(", ")
        )?;
        Ok(())
    }

    /// Writes a method that gives what `attribute` names, a variant of `to`.
    pub(crate) fn write_join(
        &self,
        attribute: &str,
        to: &str,
        optional: bool,
        code: &mut String,
    ) -> Result<(), Box<dyn Error>> {
        let kind = if optional { "optional" } else { "required" };
        writeln!(
            code,
            "joined! {{ {kind} {} {attribute} {to} {{",
            camel(&self.name)
        )?;
        for item in &self.items {
            match item.attribute(attribute) {
                Some(value) => writeln!(code, "    {} {},", camel(&item.id), camel(value))?,
                None if optional => {}
                None => return Err(format!("{}.{} has no {attribute}", self.name, item.id).into()),
            }
        }
        writeln!(code, "}} }}")?;
        Ok(())
    }

    /// Writes a method that says whether `attribute` stands on the item.
    pub(crate) fn write_flag(
        &self,
        attribute: &str,
        code: &mut String,
    ) -> Result<(), Box<dyn Error>> {
        let marked: Vec<_> = self
            .items
            .iter()
            .filter(|item| item.attribute(attribute) == Some("true"))
            .map(|item| camel(&item.id))
            .collect();
        writeln!(
            code,
            "flagged! {{ {} {attribute} {{ {} }} }}",
            camel(&self.name),
            marked.join(", ")
        )?;
        Ok(())
    }
}

impl Item {
    fn read(list: &str, item: &Map<String, Value>) -> Result<Self, Box<dyn Error>> {
        let text = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
        let mut read = Self {
            id: text("id").ok_or("`id` is a string")?,
            label_fr: text("label_fr").ok_or("`label_fr` is a string")?,
            label_en: text("label_en").ok_or("`label_en` is a string")?,
            class: item.get("class").and_then(Value::as_u64),
            codes: Vec::new(),
            attributes: Vec::new(),
        };
        for (key, value) in item
            .iter()
            .filter(|(key, _)| !OWN_KEYS.contains(&key.as_str()))
        {
            match value.as_object().filter(|_| key == "codes") {
                Some(codes) => codes
                    .iter()
                    .for_each(|(system, code)| read.take(list, system, code)),
                None => read.take(list, key, value),
            }
        }
        Ok(read)
    }

    /// Files `value` under the codes or the attributes; nothing and structures are left out.
    fn take(&mut self, list: &str, key: &str, value: &Value) {
        match value {
            Value::String(text) => self.take_text(list, key, text),
            Value::Bool(flag) => self.take_text(list, key, &flag.to_string()),
            Value::Array(values) => values.iter().for_each(|value| self.take(list, key, value)),
            Value::Null | Value::Number(_) | Value::Object(_) => {}
        }
    }

    fn take_text(&mut self, list: &str, key: &str, text: &str) {
        let of_code = || {
            SYSTEM_OF_CODE
                .iter()
                .find(|(name, _)| *name == list)
                .map(|(_, system)| *system)
        };
        let system = if key == "code" {
            of_code()
        } else {
            SYSTEMS.contains(&key).then_some(key)
        };
        let pair = |key: &str| (key.to_owned(), text.to_owned());
        match system.filter(|system| !UNSTABLE.contains(&(list, system))) {
            Some(system) => self.codes.push(pair(system)),
            None => self.attributes.push(pair(key)),
        }
    }

    fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }
}

/// `joint_diagnosis` as a Rust variant.
pub(crate) fn camel(id: &str) -> String {
    id.split('_')
        .flat_map(|word| {
            let lower = word.to_lowercase();
            let (first, rest) = lower.split_at(lower.len().min(1));
            [first.to_uppercase(), rest.to_owned()]
        })
        .collect()
}

fn class_name(class: u64) -> Result<&'static str, Box<dyn Error>> {
    match class {
        1 => Ok("Professional"),
        2 => Ok("LivingConditions"),
        3 => Ok("Social"),
        4 => Ok("Health"),
        _ => Err("a class is 1, 2, 3 or 4".into()),
    }
}

//! Lists as tables, with the codes of the systems they come from.

use super::Class;

/// One list of the vocabulary.
#[derive(Debug)]
pub struct List {
    /// Its name: `appointment_kind`.
    pub name: &'static str,
    /// Where the list comes from.
    pub source: &'static str,
    /// Its items, in order.
    pub items: &'static [Item],
}

/// One row of a [`List`].
#[derive(Debug)]
pub struct Item {
    /// The id, the same everywhere and for ever.
    pub id: &'static str,
    /// What people read, in French.
    pub label_fr: &'static str,
    /// What people read, in English.
    pub label_en: &'static str,
    /// How sensitive it is, in lists that can be part of a person's record.
    pub class: Option<Class>,
    /// The same thing elsewhere: (system, code). A system may have several codes for it.
    pub codes: &'static [(&'static str, &'static str)],
    /// What else the vocabulary says about it: (name, value).
    pub attributes: &'static [(&'static str, &'static str)],
}

impl List {
    /// Every list.
    pub fn all() -> &'static [&'static Self] {
        super::ALL_LISTS
    }

    /// The list with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().iter().copied().find(|list| list.name == name)
    }

    /// The item with this id.
    pub fn item(&self, id: &str) -> Option<&'static Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The items that `system` writes as `code`; several where its list is coarser than ours.
    pub fn coded<'a>(
        &self,
        system: &'a str,
        code: &'a str,
    ) -> impl Iterator<Item = &'static Item> + use<'a> {
        let items = self.items;
        items
            .iter()
            .filter(move |item| item.codes.contains(&(system, code)))
    }

    /// What a code unknown to this version counts: 4 in a list that holds class 4, else 3.
    pub fn unknown_class(&self) -> Class {
        let holds_health = self
            .items
            .iter()
            .any(|item| item.class == Some(Class::Health));
        if holds_health {
            Class::Health
        } else {
            Class::Social
        }
    }
}

impl Item {
    /// The first value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&'static str> {
        self.attributes
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| *value)
    }
}

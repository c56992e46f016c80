//! What the generated lists expand to.

macro_rules! term {
    ($list:literal $name:ident $table:ident { $($doc:literal $variant:ident,)+ }) => {
        #[doc = concat!("The list `", $list, "`.")]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name {
            $(#[doc = $doc] $variant,)+
        }

        impl $name {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The row of this value.
            pub fn item(self) -> &'static Item {
                // Variants and rows are written from the same items, in the same order.
                &$table.items[self as usize]
            }

            /// The id, the same everywhere and for ever.
            pub fn id(self) -> &'static str {
                self.item().id
            }

            /// What people read, in French.
            pub fn label_fr(self) -> &'static str {
                self.item().label_fr
            }

            /// What people read, in English.
            pub fn label_en(self) -> &'static str {
                self.item().label_en
            }

            /// The value with this id.
            pub fn parse(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.id() == id)
            }
        }

        impl Term for $name {
            const ALL: &'static [Self] = Self::ALL;

            fn list() -> &'static List {
                &$table
            }

            fn item(self) -> &'static Item {
                self.item()
            }

            fn parse(id: &str) -> Option<Self> {
                Self::parse(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.id())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.id())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // The text may be personal, so the error does not repeat it.
                let id = String::deserialize(deserializer)?;
                Self::parse(&id).ok_or_else(|| {
                    serde::de::Error::custom(concat!("a value of the list ", $list))
                })
            }
        }
    };
}

macro_rules! classed {
    ($name:ident { $($variant:ident $class:ident,)+ }) => {
        impl $name {
            /// How sensitive the value is.
            pub const fn sensitivity(self) -> Class {
                match self {
                    $(Self::$variant => Class::$class,)+
                }
            }
        }

        impl Classed for $name {
            fn sensitivity(self) -> Class {
                self.sensitivity()
            }
        }
    };
}

macro_rules! wire {
    ($name:ident $proto:path { $($variant:ident),+ }) => {
        impl Wire for $name {
            type Proto = $proto;

            fn to_proto(self) -> $proto {
                use $proto as P;
                match self {
                    $(Self::$variant => P::$variant,)+
                }
            }

            fn from_proto(proto: $proto) -> Option<Self> {
                use $proto as P;
                match proto {
                    P::Unspecified => None,
                    $(P::$variant => Some(Self::$variant),)+
                }
            }
        }
    };
}

macro_rules! joined {
    (required $name:ident $attribute:ident $to:ident { $($variant:ident $value:ident,)+ }) => {
        impl $name {
            #[doc = concat!("What the list names as its `", stringify!($attribute), "`.")]
            pub const fn $attribute(self) -> $to {
                match self {
                    $(Self::$variant => $to::$value,)+
                }
            }
        }
    };
    (optional $name:ident $attribute:ident $to:ident { $($variant:ident $value:ident,)* }) => {
        impl $name {
            #[doc = concat!("What the list names as its `", stringify!($attribute), "`, if it names one.")]
            pub const fn $attribute(self) -> Option<$to> {
                match self {
                    $(Self::$variant => Some($to::$value),)*
                    _ => None,
                }
            }
        }
    };
}

macro_rules! flagged {
    ($name:ident $attribute:ident { $($variant:ident),* }) => {
        impl $name {
            #[doc = concat!("Whether the list marks the value as `", stringify!($attribute), "`.")]
            pub const fn $attribute(self) -> bool {
                matches!(self, $(Self::$variant)|*)
            }
        }
    };
}

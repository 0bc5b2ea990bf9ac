//! Newtypes for identifiers. Cheap to clone; compared by bytes (ordinal), as SignalR does.

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! name {
    ($(#[$doc:meta])* $vis:vis $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis struct $name(Arc<str>);

        impl $name {
            /// Wraps the text as it is.
            $vis fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The text.
            $vis fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl From<&String> for $name {
            fn from(text: &String) -> Self {
                Self::new(text.as_str())
            }
        }

        impl From<&$name> for $name {
            fn from(name: &$name) -> Self {
                name.clone()
            }
        }
    };
}

macro_rules! shown {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The public id of one connection, safe to show and to log. A client that reconnects gets another one.
    ///
    /// ```
    /// use hubs::ConnectionId;
    ///
    /// let id = ConnectionId::from("a1b2");
    /// assert_eq!(id.as_str(), "a1b2");
    /// assert_eq!(serde_json::to_string(&id)?, "\"a1b2\""); // a plain string for serde
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub ConnectionId
}
name! {
    /// The secret with which a client attaches transports to its connection. Never shown or logged.
    pub(crate) ConnectionToken
}
name! {
    /// The name of a group. Case-sensitive.
    pub GroupName
}
name! {
    /// The user that a connection belongs to. One user may have many connections. Case-sensitive.
    pub UserId
}
name! {
    /// The id that pairs a call with its completion. The caller chooses it.
    pub(crate) InvocationId
}
shown!(ConnectionId);
shown!(GroupName);
shown!(UserId);
shown!(InvocationId);

impl fmt::Debug for ConnectionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectionToken(..)")
    }
}

/// Whether a transport carries text or bytes (SignalR's transfer formats).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransferFormat {
    /// UTF-8 text, as JSON needs.
    Text,
    /// Any bytes, as MessagePack needs.
    Binary,
}

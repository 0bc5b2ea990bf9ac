//! What a hub method fails with: the one error type whose text may reach the peer, and then only if it was made for it.

use std::{any::Any, error::Error, fmt};

use super::StreamError;

/// What hub methods and client methods return.
///
/// `HubResult<T>` ends with any error, masked. `HubResult<T, JoinError>` ends with a type of your own, which callers
/// receive as data, and `HubResult<T, CallError<JoinError>>` with either; see [`CallError`](crate::CallError).
pub type HubResult<T, E = HubError> = Result<T, E>;

/// Why a hub method failed.
///
/// Only [`HubError::client`] is shown to the caller. Whatever comes in through `?` or [`HubError::internal`] is written
/// to the log and reaches the caller as a general sentence, unless detailed errors are switched on.
///
/// ```
/// use hubs::{HubError, HubResult};
///
/// fn parse(text: &str) -> HubResult<u32> {
///     if text.is_empty() {
///         return Err(HubError::client("say a number")); // the caller reads this
///     }
///     Ok(text.parse()?) // the caller reads "An unexpected error occurred ..."
/// }
/// # assert_eq!(parse("7").unwrap(), 7);
/// # assert!(parse("x").unwrap_err().client_text().is_none());
/// ```
pub struct HubError(Kind);

enum Kind {
    Client(String),
    Typed(Box<Typed>),
    Unauthorized,
    Internal { error: Box<dyn Error + Send + Sync>, type_name: &'static str },
}

/// What is shown of a refusal where there is no method to name.
const UNAUTHORIZED: &str = "the user is unauthorized";

/// An error that the caller gets as data, and as a sentence.
struct Typed {
    text: String,
    /// JSON.
    data: String,
}

impl HubError {
    /// An error of a type that the method names: a sentence, and the value as JSON.
    pub(crate) fn typed(text: String, data: String) -> Self {
        Self(Kind::Typed(Box::new(Typed { text, data })))
    }

    /// The value of an error of a type that the method names, as JSON.
    pub(crate) fn data(&self) -> Option<&str> {
        match &self.0 {
            Kind::Typed(typed) => Some(&typed.data),
            Kind::Client(_) | Kind::Unauthorized | Kind::Internal { .. } => None,
        }
    }

    /// The caller is not allowed to do this: it reads what it reads where `#[authorize]` refuses a call, and generated
    /// clients tell it apart from other errors.
    pub fn unauthorized() -> Self {
        Self(Kind::Unauthorized)
    }

    /// Whether this is [`HubError::unauthorized`].
    pub fn is_unauthorized(&self) -> bool {
        matches!(self.0, Kind::Unauthorized)
    }

    /// An error whose text is meant for the caller.
    pub fn client(text: impl Into<String>) -> Self {
        Self(Kind::Client(text.into()))
    }

    /// An error that the caller must not read. Takes anything that turns into a boxed error, `anyhow::Error` and
    /// strings included.
    pub fn internal(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Kind::Internal { error: error.into(), type_name: "Error" })
    }

    /// The text meant for the caller, if this error has one.
    pub fn client_text(&self) -> Option<&str> {
        match &self.0 {
            Kind::Client(text) => Some(text),
            Kind::Typed(typed) => Some(&typed.text),
            Kind::Unauthorized => Some(UNAUTHORIZED),
            Kind::Internal { .. } => None,
        }
    }

    /// The error that came in through `?`, if it is an `E`: what a [`HubFilter`](crate::HubFilter) decides by.
    ///
    /// ```
    /// use hubs::{HubError, HubResult};
    ///
    /// let failed: HubResult<u32> = "x".parse::<u32>().map_err(HubError::from);
    /// let shown = failed.map_err(|error| match error.downcast_ref::<std::num::ParseIntError>() {
    ///     Some(_) => HubError::client("say a number"),
    ///     None => error,
    /// });
    /// assert_eq!(shown.unwrap_err().client_text(), Some("say a number"));
    /// ```
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        match &self.0 {
            Kind::Internal { error, .. } => error.downcast_ref(),
            Kind::Client(_) | Kind::Typed(_) | Kind::Unauthorized => None,
        }
    }

    /// This error as one that implements [`Error`], for code that wants those, such as `anyhow`'s `?`. `HubError` itself
    /// does not implement it: that is what lets `?` turn any error into a `HubError`.
    ///
    /// ```
    /// use hubs::{HubError, HubResult};
    ///
    /// fn price() -> HubResult<u32> {
    ///     Err(HubError::client("sold out"))
    /// }
    ///
    /// fn total() -> anyhow::Result<u32> {
    ///     Ok(2 * price().map_err(HubError::into_error)?)
    /// }
    /// assert_eq!(total().unwrap_err().to_string(), "sold out");
    ///
    /// // `Box<dyn Error + Send + Sync>` takes it as it is.
    /// fn boxed() -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    ///     Ok(2 * price()?)
    /// }
    /// assert_eq!(boxed().unwrap_err().to_string(), "sold out");
    /// ```
    pub fn into_error(self) -> impl Error + Send + Sync + 'static {
        StandardError(self)
    }

    /// The short name of the error's type, as it goes before the text when detailed errors are on. `HubException` is
    /// what SignalR's clients know an error made for them by.
    pub(crate) fn type_name(&self) -> &'static str {
        match &self.0 {
            Kind::Client(_) | Kind::Typed(_) | Kind::Unauthorized => "HubException",
            Kind::Internal { type_name, .. } => type_name,
        }
    }
}

impl fmt::Display for HubError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Client(text) => f.write_str(text),
            Kind::Typed(typed) => f.write_str(&typed.text),
            Kind::Unauthorized => f.write_str(UNAUTHORIZED),
            Kind::Internal { error, .. } => error.fmt(f),
        }
    }
}

/// A [`HubError`] that implements [`Error`].
struct StandardError(HubError);

impl fmt::Display for StandardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for StandardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Error for StandardError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0.0 {
            Kind::Client(_) | Kind::Typed(_) | Kind::Unauthorized => None,
            Kind::Internal { error, .. } => error.source(),
        }
    }
}

impl From<HubError> for Box<dyn Error + Send + Sync> {
    fn from(error: HubError) -> Self {
        Box::new(StandardError(error))
    }
}

impl From<HubError> for Box<dyn Error> {
    fn from(error: HubError) -> Self {
        Box::new(StandardError(error))
    }
}

impl fmt::Debug for HubError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Client(text) => f.debug_tuple("HubError::client").field(text).finish(),
            Kind::Typed(typed) => f.debug_tuple("HubError::typed").field(&typed.text).field(&typed.data).finish(),
            Kind::Unauthorized => f.write_str("HubError::unauthorized"),
            Kind::Internal { error, .. } => f.debug_tuple("HubError::internal").field(error).finish(),
        }
    }
}

// `HubError` itself is no `Error`, so that this blanket conversion, and with it `?`, is possible.
impl<E: Error + Send + Sync + 'static> From<E> for HubError {
    fn from(error: E) -> Self {
        // This one text is the library's own, and SignalR shows it.
        if let Some(bad @ StreamError::BadItem(_)) = (&error as &dyn Any).downcast_ref() {
            return Self::client(bad.to_string());
        }
        let path = std::any::type_name::<E>();
        let plain = path.split('<').next().unwrap_or(path);
        let type_name = plain.rsplit("::").next().unwrap_or(plain);
        Self(Kind::Internal { error: Box::new(error), type_name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_streams_errors_only_the_librarys_own_text_is_shown() {
        let shown = |error: StreamError| HubError::from(error).client_text().map(str::to_owned);
        assert_eq!(shown(StreamError::BadItem("detail".to_owned())).unwrap(), "Failed to bind Stream message.");
        assert_eq!(shown(StreamError::Failed("text of the peer".to_owned())), None);
        assert_eq!(shown(StreamError::Disconnected), None);
    }
}

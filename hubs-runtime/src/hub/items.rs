//! What an application keeps with a connection.

use std::fmt;

use parking_lot::Mutex;

/// Values that the application keeps with one connection, one of each type, for as long as the connection lives.
///
/// ```
/// use hubs::{HubCallerContext, HubResult, NoClient, hub};
///
/// type Cx = HubCallerContext<NoClient>;
///
/// #[derive(Clone)]
/// struct Room(String);
///
/// #[hub]
/// trait Game {
///     async fn enter(&self, cx: &Cx, room: String) -> HubResult<()>;
///     async fn room(&self, cx: &Cx) -> HubResult<Option<String>>;
/// }
///
/// struct Arcade;
///
/// impl Game for Arcade {
///     async fn enter(&self, cx: &Cx, room: String) -> HubResult<()> {
///         cx.items().insert(Room(room));
///         Ok(())
///     }
///
///     async fn room(&self, cx: &Cx) -> HubResult<Option<String>> {
///         Ok(cx.items().get::<Room>().map(|room| room.0))
///     }
/// }
/// ```
#[derive(Default)]
pub struct Items(Mutex<http::Extensions>);

impl Items {
    /// Keeps a value. Returns the previous value of this type.
    pub fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) -> Option<T> {
        self.0.lock().insert(value)
    }

    /// A copy of the value of this type.
    pub fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.0.lock().get::<T>().cloned()
    }

    /// Takes the value of this type out.
    pub fn remove<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.0.lock().remove::<T>()
    }
}

impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("count", &self.0.lock().len()).finish()
    }
}

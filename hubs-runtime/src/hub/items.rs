//! What an application keeps with a connection.

use std::fmt;

use parking_lot::Mutex;

/// Values kept with one connection, one of each type, for as long as it lives.
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

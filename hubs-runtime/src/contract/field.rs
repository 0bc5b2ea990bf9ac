//! What a field of a type with `#[hub_type]` may be. Knows no method and no message.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque},
    marker::PhantomData,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    num::{
        NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32,
        NonZeroU64, NonZeroU128, NonZeroUsize,
    },
    ops::{Range, RangeInclusive},
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, Mutex, RwLock},
    time::{Duration, SystemTime},
};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};

use super::named::Named;
use crate::ids::{Bytes, Text, TextValue};

/// What a field of a type with `#[hub_type]` may be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross the hub wire",
    label = "this type has no `#[hub_type]`",
    note = "put `#[hub_type]` on the type; one of another crate may have a feature of hubs: `bigdecimal`, `chrono`, `rust_decimal`, `url`, `uuid`, and `ipnet`, `time` with `hubs::Text<..>`",
    note = "any other type: say as which one it is written, `#[schemars(with = \"String\")]` on the field"
)]
pub trait HubField: Serialize + DeserializeOwned + JsonSchema + Named {}

/// Implemented type by type, and not for all that have what is asked: a type that is missing here is then the one thing that
/// the compiler reports, and what it lacks follows from that.
macro_rules! fields {
    ($([$($param:ident $(: $bound:ident)?),*] $ty:ty;)*) => {$(
        impl<$($param: $($bound +)? 'static),*> HubField for $ty
        where
            Self: Serialize + DeserializeOwned + JsonSchema + Named,
        {
        }
    )*};
}

macro_rules! plain {
    ($($ty:ty),* $(,)?) => {$(
        impl HubField for $ty {}
    )*};
}

plain! {
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64, bool, char, (), String, PathBuf, Box<str>,
    Box<Path>, Cow<'static, str>, Cow<'static, Path>,
    NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize,
    IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, Duration, SystemTime,
    serde_json::Value, serde_json::Number, serde_json::Map<String, serde_json::Value>, Bytes,
}

fields! {
    [T: HubField] Vec<T>;
    [T: HubField] VecDeque<T>;
    [T: HubField] LinkedList<T>;
    [T: HubField] BinaryHeap<T>;
    [T: HubField] BTreeSet<T>;
    [T: HubField, S] HashSet<T, S>;
    [K: HubField, V: HubField] BTreeMap<K, V>;
    [K: HubField, V: HubField, S] HashMap<K, V, S>;
    [T: HubField] Option<T>;
    [T: HubField, E: HubField] Result<T, E>;
    [T: HubField] Range<T>;
    [T: HubField] RangeInclusive<T>;
    [T: HubField] Box<T>;
    [T: HubField] Box<[T]>;
    [T: HubField] RefCell<T>;
    [T: HubField] Mutex<T>;
    [T: HubField] RwLock<T>;
    [T: HubField] Cell<T>;
    [T: TextValue] Text<T>;
}

impl<T: HubField + ToOwned<Owned = T>> HubField for Cow<'static, T> where
    Self: Serialize + DeserializeOwned + JsonSchema + Named
{
}

impl<T: ?Sized + 'static> HubField for PhantomData<T> {}

impl<T: HubField, const N: usize> HubField for [T; N] where [T; N]: Serialize + DeserializeOwned + JsonSchema {}

macro_rules! shared {
    ($($ty:ident)*) => {$(
        impl<T: ?Sized + 'static> HubField for $ty<T> where Self: Serialize + DeserializeOwned + JsonSchema + Named {}
    )*};
}

shared!(Rc Arc);

macro_rules! tuples {
    ($first:ident $($other:ident)*) => {
        impl<$first: HubField $(, $other: HubField)*> HubField for ($first, $($other,)*) {}

        tuples!($($other)*);
    };
    () => {};
}

tuples!(A B C D E F G H I J K L);

#[cfg(feature = "bigdecimal")]
plain!(bigdecimal::BigDecimal);

#[cfg(feature = "rust_decimal")]
plain!(rust_decimal::Decimal);

#[cfg(feature = "url")]
plain!(url::Url);

#[cfg(feature = "uuid")]
plain!(uuid::Uuid);

#[cfg(feature = "chrono")]
plain!(chrono::NaiveDateTime, chrono::NaiveDate, chrono::NaiveTime, chrono::Weekday);

#[cfg(feature = "chrono")]
impl<Tz: chrono::TimeZone + 'static> HubField for chrono::DateTime<Tz> where
    Self: Serialize + DeserializeOwned + JsonSchema
{
}

/// The type of field `INDEX` of `Owner`. `#[hub_type]` implements it and names it in the where clauses of its derives, so that
/// a type that may not cross the wire is said once, where this is implemented, and by none of the derives.
pub trait FieldOf<Owner: ?Sized, const INDEX: usize>: HubField {}

/// The schema of a field, for derives that take no where clause of a field.
#[derive(Debug)]
pub struct SchemaOf<T, Owner: ?Sized, const INDEX: usize>(PhantomData<T>, PhantomData<Owner>);

impl<T: FieldOf<Owner, INDEX>, Owner: ?Sized, const INDEX: usize> JsonSchema for SchemaOf<T, Owner, INDEX> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }

    fn _schemars_private_non_optional_json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::_schemars_private_non_optional_json_schema(generator)
    }

    fn _schemars_private_is_option() -> bool {
        T::_schemars_private_is_option()
    }
}

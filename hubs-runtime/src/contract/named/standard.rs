//! The names of the standard library's types.

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

use ts_rs::{Config, TS};

use super::{Layout, Named, Names, Part, Parts};

/// What ts-rs writes. JSON carries no bigint: 64-bit integers are numbers, true up to 2^53.
pub(super) fn written<T: TS + ?Sized>() -> String {
    T::name(&Config::new().with_large_int("number"))
}

/// Types without parameters that ts-rs knows.
macro_rules! known {
    ($($ty:ty),* $(,)?) => {$(
        impl Named for $ty {
            fn name(_: &Names) -> String {
                written::<$ty>()
            }
        }
    )*};
}

pub(super) use known;

known! {
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64, bool, char, (), String, str, Path, PathBuf,
    NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize,
    IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6,
}

/// Objects of serde that ts-rs does not know: the schema says all there is to say.
macro_rules! unknown {
    ($($ty:ty),*) => {$(
        impl Named for $ty {
            fn name(_: &Names) -> String {
                "null".to_owned()
            }
        }
    )*};
}

unknown!(Duration, SystemTime);

impl<T: ?Sized + 'static> Named for PhantomData<T> {
    fn name(_: &Names) -> String {
        "null".to_owned()
    }
}

/// Types around one other, which is named in their place.
macro_rules! around {
    ($($ty:ty),*) => {$(
        impl<T: Named + ?Sized> Named for $ty {
            fn name(names: &Names) -> String {
                names.of::<T>()
            }

            fn layout(part: Part, names: &Names) -> Option<Layout> {
                if part == Part::Fields { T::layout(part, names) } else { None }
            }

            fn parts(parts: &mut Parts) {
                parts.add::<T>();
            }
        }
    )*};
}

around!(Box<T>, Rc<T>, Arc<T>, RefCell<T>, Mutex<T>, RwLock<T>);

impl<T: Named> Named for Cell<T> {
    fn name(names: &Names) -> String {
        names.of::<T>()
    }

    fn parts(parts: &mut Parts) {
        parts.add::<T>();
    }
}

impl<T: Named + ToOwned + ?Sized> Named for Cow<'static, T> {
    fn name(names: &Names) -> String {
        names.of::<T>()
    }

    fn layout(part: Part, names: &Names) -> Option<Layout> {
        if part == Part::Fields { T::layout(part, names) } else { None }
    }

    fn parts(parts: &mut Parts) {
        parts.add::<T>();
    }
}

macro_rules! lists {
    ($([$($hash:ident)?] $ty:ty),*) => {$(
        impl<T: Named $(, $hash: 'static)?> Named for $ty {
            fn name(names: &Names) -> String {
                format!("Array<{}>", names.of::<T>())
            }

            fn parts(parts: &mut Parts) {
                parts.add::<T>();
            }
        }
    )*};
}

lists!([] Vec<T>, [] VecDeque<T>, [] LinkedList<T>, [] BinaryHeap<T>, [] BTreeSet<T>, [S] HashSet<T, S>, [] [T]);

/// Longer arrays are lists.
const LONGEST_TUPLE: usize = 64;

impl<T: Named, const N: usize> Named for [T; N] {
    fn name(names: &Names) -> String {
        let name = names.of::<T>();
        if N > LONGEST_TUPLE { format!("Array<{name}>") } else { format!("[{}]", vec![name; N].join(", ")) }
    }

    fn parts(parts: &mut Parts) {
        parts.add::<T>();
    }
}

impl<T: Named> Named for Option<T> {
    fn name(names: &Names) -> String {
        format!("{} | null", names.of::<T>())
    }

    fn parts(parts: &mut Parts) {
        parts.add::<T>();
    }
}

impl<T: Named, E: Named> Named for Result<T, E> {
    fn name(names: &Names) -> String {
        format!("{{ Ok : {} }} | {{ Err : {} }}", names.of::<T>(), names.of::<E>())
    }

    fn parts(parts: &mut Parts) {
        parts.add::<T>();
        parts.add::<E>();
    }
}

fn map<K: Named, V: Named>(names: &Names) -> String {
    format!("{{ [key in {}]: {} }}", names.of::<K>(), names.of::<V>())
}

macro_rules! maps {
    ($([$($hash:ident)?] $ty:ty),*) => {$(
        impl<K: Named, V: Named $(, $hash: 'static)?> Named for $ty {
            fn name(names: &Names) -> String {
                map::<K, V>(names)
            }

            fn layout(part: Part, names: &Names) -> Option<Layout> {
                (part == Part::Fields).then(|| Layout::written(format!("({})", map::<K, V>(names))))
            }

            fn parts(parts: &mut Parts) {
                parts.add::<K>();
                parts.add::<V>();
            }
        }
    )*};
}

maps!([] BTreeMap<K, V>, [S] HashMap<K, V, S>);

macro_rules! ranges {
    ($($ty:ty),*) => {$(
        impl<T: Named> Named for $ty {
            fn name(names: &Names) -> String {
                let name = names.of::<T>();
                format!("{{ start: {name}, end: {name}, }}")
            }

            fn parts(parts: &mut Parts) {
                parts.add::<T>();
            }
        }
    )*};
}

ranges!(Range<T>, RangeInclusive<T>);

macro_rules! tuples {
    ($first:ident $($other:ident)*) => {
        impl<$first: Named $(, $other: Named)*> Named for ($first, $($other,)*) {
            fn name(names: &Names) -> String {
                format!("[{}]", [names.of::<$first>() $(, names.of::<$other>())*].join(", "))
            }

            fn parts(parts: &mut Parts) {
                parts.add::<$first>();
                $(parts.add::<$other>();)*
            }
        }

        tuples!($($other)*);
    };
    () => {};
}

tuples!(A B C D E F G H I J K L);

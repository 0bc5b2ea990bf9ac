//! The TypeScript half of a visit. ts-rs says which declarations there are, what they are called and which parameters
//! they have; what is in them is said by the JSON Schema, in each direction, so that it is true.

mod declarations;
mod forms;
mod merge;
mod objects;
mod render;

pub(super) use declarations::{Declaration, Declarations};
pub(super) use forms::{Forms, Root};

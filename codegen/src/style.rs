//! The colours of `cargo hubs`, which are cargo's.

use anstyle::{AnsiColor, Style};

/// Something was done, or is to be done.
pub const GOOD: Style = AnsiColor::BrightGreen.on_default().bold();
/// An error, or what it is about.
pub const BAD: Style = AnsiColor::BrightRed.on_default().bold();
/// A warning.
pub const CAUTION: Style = AnsiColor::BrightYellow.on_default().bold();
/// Help and literal text.
pub const HELP: Style = AnsiColor::BrightCyan.on_default().bold();
/// A line that is there no more.
pub const OLD: Style = AnsiColor::Red.on_default();
/// A line that is new.
pub const NEW: Style = AnsiColor::Green.on_default();

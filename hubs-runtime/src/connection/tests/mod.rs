//! Tests of several files together. They are not in those files because the model check compiles the files twice.

mod flusher;
mod lossy;
mod numbering;
mod outbox;
mod peer;
mod pipe;
mod queue;
mod replaced;

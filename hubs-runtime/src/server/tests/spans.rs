//! The spans of connections and calls, as a subscriber of `tracing` sees them.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use tokio::{io::AsyncWriteExt, net::TcpStream};
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

use super::sessions::{frame, start, websocket};
use crate::HubOptions;

/// Writes one line for each span when it ends: its name, its parent's name, its fields.
#[derive(Clone, Default)]
struct Ended(Arc<Mutex<Vec<String>>>);

#[derive(Default)]
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Ended {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        context.span(id).expect("it is there").extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).expect("it is there");
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        let span = context.span(&id).expect("it is there");
        let parent = span.parent().map_or("none", |parent| parent.name());
        let extensions = span.extensions();
        let fields = extensions.get::<Fields>().map_or("", |fields| &fields.0);
        self.0.lock().unwrap().push(format!("{} in {parent}:{fields}", span.name()));
    }
}

/// A masked text frame of any length.
async fn send(socket: &mut TcpStream, message: &str) {
    let length = u16::try_from(message.len() + 1).unwrap().to_be_bytes();
    let frame = [&[0x81, 0x80 | 126, length[0], length[1], 0, 0, 0, 0], message.as_bytes(), &[0x1e]].concat();
    socket.write_all(&frame).await.unwrap();
}

/// The spans that end while these calls are made and answered, under this filter. A call of this hub ends before its answer
/// leaves.
async fn ended(filter: &str, messages: &[String]) -> Vec<String> {
    let ended = Ended::default();
    let filter: Targets = filter.parse().unwrap();
    let layer = ended.clone().with_filter(filter);
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let server = start(HubOptions::default()).await;
    let mut socket = websocket(&server).await;
    for message in messages {
        send(&mut socket, message).await;
        frame(&mut socket).await;
    }
    ended.0.lock().unwrap().clone()
}

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn plain(method: &str) -> String {
    format!(r#"{{"type":1,"invocationId":"1","target":"{method}","arguments":[]}}"#)
}

#[tokio::test]
async fn each_call_has_a_span_with_the_trace_of_its_caller() {
    let traced = plain("Tenant").replacen('{', &format!(r#"{{"headers":{{"traceparent":"{TRACE}"}},"#), 1);
    let lines = ended("hubs::call=debug,hubs::connection=debug", &[plain("Tenant"), plain("Panic"), traced]).await;
    let [first, panics, traced] = &lines[..] else { panic!("three calls: {lines:#?}") };
    for (line, method, outcome) in [(first, "Tenant", "ok"), (panics, "Panic", "error"), (traced, "Tenant", "ok")] {
        assert!(line.starts_with(&format!("hub.call in hub.connection: otel.name=EchoHub/{method} ")), "{line}");
        assert!(line.ends_with(&format!("outcome={outcome:?}")), "{line}");
        let fields = format!("rpc.service=\"EchoHub\" rpc.method={method:?} connection=");
        assert!(line.contains(&fields), "{line}");
    }
    assert!(traced.contains(&format!("traceparent={TRACE:?}")), "{traced}");
    assert!(!first.contains("traceparent"), "{first}");
}

#[tokio::test]
async fn spans_are_made_where_a_subscriber_wants_them() {
    let lines = ended("hubs::call=debug", &[plain("Tenant")]).await;
    assert!(lines.len() == 1 && lines[0].starts_with("hub.call in none: otel.name=EchoHub/Tenant"), "{lines:#?}");
    assert_eq!(ended("hubs=info", &[plain("Tenant")]).await, Vec::<String>::new());
}

//! The time as it stands in messages. Must not know about the chat.

use std::time::SystemTime;

/// Now, as RFC 3339 in UTC with milliseconds: texts of one length, so they sort by time.
pub(crate) fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_rfc_3339_in_utc() {
        let now = super::now();
        assert_eq!(now.len(), "2026-01-01T00:00:00.000Z".len(), "{now}");
        assert!(humantime::parse_rfc3339(&now).is_ok(), "{now}");
    }
}

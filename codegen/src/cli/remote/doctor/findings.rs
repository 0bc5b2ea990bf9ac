//! What was found, for people and for programs.

use std::fmt::Write as _;

use anstyle::Style;
use hubs_codegen::style;
use serde::Serialize;

use super::remedies::{Proxy, Remedy};

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Ok,
    /// It works, and may not be what is wanted.
    Warn,
    Fail,
    /// It could not be checked.
    Skip,
}

/// The result of one check.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Finding {
    check: &'static str,
    verdict: Verdict,
    text: String,
    /// What is likely wrong: the name that a proxy gives itself, or the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    hop: Option<String>,
    /// Lines of configuration, by whose they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Fix {
    /// `nginx`, `haproxy`, `caddy` or `application`.
    pub(super) of: &'static str,
    pub(super) lines: Vec<String>,
}

impl Finding {
    fn new(check: &'static str, verdict: Verdict, text: impl Into<String>) -> Self {
        Self { check, verdict, text: text.into(), hop: None, fixes: Vec::new() }
    }

    pub(super) fn ok(check: &'static str, text: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ok, text)
    }

    pub(super) fn warn(check: &'static str, text: impl Into<String>) -> Self {
        Self::new(check, Verdict::Warn, text)
    }

    pub(super) fn fail(check: &'static str, text: impl Into<String>) -> Self {
        Self::new(check, Verdict::Fail, text)
    }

    pub(super) fn skip(check: &'static str, text: impl Into<String>) -> Self {
        Self::new(check, Verdict::Skip, text)
    }

    /// The same: a proxy is likely wrong, and this fixes it.
    pub(super) fn at(mut self, proxy: &Proxy, remedy: Remedy) -> Self {
        self.hop = Some(proxy.to_string());
        self.fixes.extend(remedy.of_proxies(proxy));
        self
    }

    /// The same: the application is likely wrong, or can help.
    pub(super) fn in_the_application(mut self, remedy: Remedy) -> Self {
        self.hop.get_or_insert_with(|| "the application".to_owned());
        self.fixes.extend(remedy.of_the_application());
        self
    }

    /// The same, with a place and nothing that fixes it.
    pub(super) fn by(mut self, hop: impl Into<String>) -> Self {
        self.hop = Some(hop.into());
        self
    }
}

/// All results, in the order of the checks.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    pub(super) fn has_failed(&self) -> bool {
        self.0.iter().any(|finding| finding.verdict == Verdict::Fail)
    }

    /// A line for each, and below it what helps.
    pub(super) fn text(&self, colours: bool) -> String {
        let mut out = String::new();
        for finding in &self.0 {
            finding.write(colours, &mut out);
        }
        out
    }
}

impl Finding {
    fn write(&self, colours: bool, out: &mut String) {
        let (word, style) = match self.verdict {
            Verdict::Ok => ("ok", style::GOOD),
            Verdict::Warn => ("warn", style::CAUTION),
            Verdict::Fail => ("fail", style::BAD),
            Verdict::Skip => ("skip", Style::new()),
        };
        let style = if colours { style } else { Style::new() };
        // Writing to a String never fails.
        let _ = writeln!(out, "{style}{word:<4}{style:#}  {:<11} {}", self.check, self.text);
        if matches!(self.verdict, Verdict::Ok | Verdict::Skip) {
            return;
        }
        let mut more = |name: &str, line: &str| {
            let _ = writeln!(out, "{:18}{name:<12} {line}", "");
        };
        if let Some(hop) = &self.hop {
            more("where:", hop);
        }
        for Fix { of, lines } in &self.fixes {
            for (index, line) in lines.iter().enumerate() {
                let name = if index == 0 { format!("{of}:") } else { String::new() };
                more(&name, line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_its_place_and_its_fix_below_it() {
        let mut findings = Findings::default();
        findings.add(Finding::ok("negotiate", "200"));
        assert!(!findings.has_failed());
        findings.add(Finding::fail("bodies", "413").at(&Proxy::of("nginx/1.22.1"), Remedy::Bodies(2_000_000)));
        assert!(findings.has_failed());
        let expected = "ok    negotiate   200\n\
                        fail  bodies      413\n\
                        \x20                 where:       nginx/1.22.1\n\
                        \x20                 nginx:       client_max_body_size 2m;\n";
        assert_eq!(findings.text(false), expected);
    }
}

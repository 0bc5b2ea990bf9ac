//! What lets a command in: a token and headers. Tokens come from a file or the environment, since arguments can be read by
//! every user of a machine.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use http::{HeaderName, HeaderValue};
use hubs_codegen::Error;

#[derive(Debug, ClapArgs)]
pub(crate) struct Access {
    /// A file with an access token [default: the variable HUBS_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A header of every request; what is secret belongs into a token file
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
}

impl Access {
    pub(super) fn headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
        let parse = |header: &String| {
            let (name, value) = header.split_once(':').unwrap_or((header, ""));
            let parsed = name.trim().parse::<HeaderName>().ok().zip(value.trim().parse::<HeaderValue>().ok());
            parsed.ok_or_else(|| Error::Call {
                problem: format!("`{}` is no header", name.trim()),
                help: "write `--header 'Name: value'`".to_owned(),
            })
        };
        self.headers.iter().map(parse).collect()
    }

    pub(super) fn token(&self) -> Result<Option<String>, Error> {
        let Some(path) = &self.token_file else { return Ok(std::env::var("HUBS_TOKEN").ok()) };
        let token = std::fs::read_to_string(path).map_err(|error| Error::Call {
            problem: format!("{}: {error}", path.display()),
            help: "write the access token into that file, and nothing else".to_owned(),
        })?;
        Ok(Some(token.trim().to_owned()))
    }
}

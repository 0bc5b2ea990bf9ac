//! How `cargo hubs` gets the contract out of a compiled program: it asks by environment variables, and the program
//! answers with a file instead of starting.

/// Where to write the document; set by `cargo hubs`.
const OUT: &str = "HUBS_CONTRACT_OUT";

/// Writes the contract document and ends the program, if `cargo hubs` asks for it; else does nothing.
///
/// A package with a library needs no such line. A package with nothing but a binary has it as the first line of `main`,
/// before anything is opened or bound:
///
/// ```no_run
/// hubs::export_contract_if_requested();
/// println!("the program starts here");
/// ```
///
/// `cargo hubs` asks by the environment variable `HUBS_CONTRACT_OUT` (the file to write) and
/// `HUBS_CONTRACT_PACKAGE` (whose hubs; not needed where one package only has hubs). If it asks and there is no answer,
/// because feature `contract` is off or the contract has a mistake, this says why on standard error and ends the
/// program with exit code 1.
pub fn export_contract_if_requested() {
    let Some(out) = std::env::var_os(OUT) else { return };
    match export(std::path::Path::new(&out)) {
        Ok(()) => std::process::exit(0),
        Err(message) => {
            for line in message.lines() {
                eprintln!("error: {line}");
            }
            std::process::exit(1);
        }
    }
}

#[cfg(feature = "contract")]
fn export(out: &std::path::Path) -> Result<(), String> {
    let package = match std::env::var("HUBS_CONTRACT_PACKAGE") {
        Ok(package) => package,
        Err(_) => only_package()?,
    };
    let contract = crate::contract::contract(&package).map_err(|error| error.to_string())?;
    let text = contract.to_json().map_err(|error| error.to_string())?;
    std::fs::write(out, text).map_err(|error| format!("cannot write {}: {error}", out.display()))
}

#[cfg(feature = "contract")]
fn only_package() -> Result<String, String> {
    let packages: Vec<_> = crate::contract::packages().into_iter().collect();
    match packages.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => Err("no hub found in this program; put `#[hub]` on a trait".to_owned()),
        several => Err(format!(
            "hubs of several packages are in this program; set HUBS_CONTRACT_PACKAGE to one of {}",
            several.join(", ")
        )),
    }
}

#[cfg(not(feature = "contract"))]
fn export(_: &std::path::Path) -> Result<(), String> {
    Err(format!(
        "{OUT} is set, but this program was built without feature `contract` of hubs-runtime; let `cargo hubs generate` \
         build it, or add `--features hubs-runtime/contract`"
    ))
}

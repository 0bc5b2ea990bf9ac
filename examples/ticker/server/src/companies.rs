//! Which companies are traded: made-up ones, twenty in each of ten sectors. Must not know their prices.

/// What companies do, with the letter that ends their symbols.
const SECTORS: [(&str, char); 10] = [
    ("Energy", 'E'),
    ("Foods", 'F'),
    ("Health", 'H'),
    ("Logistics", 'L'),
    ("Materials", 'M'),
    ("Networks", 'N'),
    ("Payments", 'P'),
    ("Retail", 'R'),
    ("Software", 'S'),
    ("Travel", 'T'),
];

/// What they are called: the first three letters begin their symbols.
const NAMES: [&str; 20] = [
    "Alder", "Birch", "Cedar", "Drift", "Ember", "Fjord", "Granite", "Harbor", "Iris", "Juniper", "Kestrel", "Lumen",
    "Meadow", "Nimbus", "Orchard", "Pioneer", "Quartz", "Raven", "Summit", "Tundra",
];

/// A company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Company {
    pub(crate) symbol: String,
    pub(crate) name: String,
    pub(crate) sector: &'static str,
}

/// All of them, by symbol.
pub(crate) fn all() -> Vec<Company> {
    let of_sector = |name: &'static str| SECTORS.map(|(sector, letter)| company(name, sector, letter));
    NAMES.into_iter().flat_map(of_sector).collect()
}

fn company(name: &str, sector: &'static str, letter: char) -> Company {
    let symbol = format!("{}{letter}", &name[..3].to_uppercase());
    Company { symbol, name: format!("{name} {sector}"), sector }
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_are_200_in_order() {
        let symbols: Vec<String> = super::all().into_iter().map(|company| company.symbol).collect();
        assert_eq!((symbols.len(), symbols[0].as_str()), (200, "ALDE"));
        assert!(symbols.is_sorted_by(|a, b| a < b), "{symbols:?}");
    }
}

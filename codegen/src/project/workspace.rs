//! What cargo knows: which packages there are, which of them have hubs, and which hubs-runtime each of them uses.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use cargo_metadata::{Metadata, MetadataCommand, Package, PackageId, Target, TargetKind};

use super::{Config, output};
use crate::{error::Error, paths::relative, progress::Progress};

/// The package that has the library `hubs`.
const RUNTIME: &str = "hubs-runtime";

/// What is passed on to cargo.
#[derive(Debug, Clone, Default)]
pub struct CargoOptions {
    /// The manifest to start from; the current directory's otherwise.
    pub manifest_path: Option<PathBuf>,
    /// Whether Cargo.lock must not change.
    pub locked: bool,
    /// Whether cargo must not use the network.
    pub offline: bool,
    /// Features of the packages that are looked at.
    pub features: Vec<String>,
    /// Whether what cargo says may have colours.
    pub colours: bool,
    /// Whether to show what is going on.
    pub progress: Progress,
}

/// A workspace as cargo sees it.
#[derive(Debug)]
pub struct Workspace {
    metadata: Metadata,
    pub(crate) options: CargoOptions,
}

/// A package whose contract is wanted.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The package.
    pub package: &'a Package,
    /// Where its files go.
    pub config: Config,
    /// The hubs-runtime it was resolved to.
    pub runtime: &'a Package,
    /// What the package's manifest calls hubs-runtime, if it names it itself.
    pub runtime_key: Option<String>,
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    /// Cargo finds no manifest, or cannot resolve it.
    pub fn read(options: CargoOptions) -> Result<Self, Error> {
        let mut command = MetadataCommand::new();
        if let Some(path) = &options.manifest_path {
            command.manifest_path(path);
        }
        let flags = [("--locked", options.locked), ("--offline", options.offline)];
        command
            .other_options(flags.iter().filter(|(_, on)| *on).map(|(flag, _)| (*flag).to_owned()).collect::<Vec<_>>());
        let shown = options.progress.start("the workspace");
        let metadata = command.exec().map_err(|error| match error {
            cargo_metadata::Error::CargoMetadata { stderr } => {
                Error::Metadata { output: output::without_status(&stderr) }
            }
            other => Error::Metadata { output: other.to_string() },
        })?;
        drop(shown);
        Ok(Self { metadata, options })
    }

    /// What cargo knows.
    pub(super) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Folder of the workspace.
    pub fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// The folders that hold the sources which people change: the workspace, and packages by path outside of it.
    pub fn sources(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.root().to_owned()];
        let local = self.metadata.packages.iter().filter(|package| package.source.is_none());
        for folder in local.filter_map(|package| package.manifest_path.parent()) {
            if !folders.iter().any(|known| folder.as_std_path().starts_with(known)) {
                folders.push(folder.as_std_path().to_owned());
            }
        }
        folders
    }

    /// The packages that lie in the folder of the workspace, by name.
    pub(crate) fn local_packages(&self) -> Vec<String> {
        let local = self.metadata.packages.iter().filter(|package| package.source.is_none());
        let inside = local.filter(|package| package.manifest_path.starts_with(&self.metadata.workspace_root));
        inside.map(|package| package.name.to_string()).collect()
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// Where everything is kept that is made on the way.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.metadata.target_directory.as_std_path().join("hubs")
    }

    /// The packages of these names; without names, all that have `[package.metadata.hubs]`, or else the one that the
    /// current directory or the given manifest belongs to.
    ///
    /// # Errors
    /// An unknown name, nothing to choose, a mistake in a package's configuration, a package without hubs-runtime.
    pub fn subjects(&self, names: &[String]) -> Result<Vec<Subject<'_>>, Error> {
        let members = self.metadata.workspace_packages();
        let chosen: Vec<&Package> = if names.is_empty() {
            let marked: Vec<_> =
                members.iter().copied().filter(|package| package.metadata.get("hubs").is_some()).collect();
            if marked.is_empty() { self.metadata.root_package().into_iter().collect() } else { marked }
        } else {
            names.iter().map(|name| self.member(&members, name)).collect::<Result<_, _>>()?
        };
        if chosen.is_empty() {
            return Err(Error::NoPackage { candidates: self.candidates(&members) });
        }
        let subjects = chosen.into_iter().map(|package| self.subject(package)).collect::<Result<Vec<_>, _>>()?;
        self.different_places(&members, &subjects)?;
        Ok(subjects)
    }

    fn member<'a>(&self, members: &[&'a Package], name: &str) -> Result<&'a Package, Error> {
        members.iter().copied().find(|package| package.name.as_str() == name).ok_or_else(|| {
            let known: Vec<_> = members.iter().map(|package| format!("`{}`", package.name)).collect();
            Error::UnknownPackage { name: name.to_owned(), known: known.join(", ") }
        })
    }

    fn candidates(&self, members: &[&Package]) -> Vec<String> {
        let users = members.iter().filter(|package| self.runtime_of(package).is_some());
        users.map(|package| package.name.to_string()).collect()
    }

    fn subject<'a>(&'a self, package: &'a Package) -> Result<Subject<'a>, Error> {
        let config = Config::read(package.manifest_path.as_std_path(), &package.metadata)?;
        let runtime = self.runtime_of(package).ok_or_else(|| Error::NoHubs { package: package.name.to_string() })?;
        // `dependency/feature` is cargo's to judge.
        let unknown = |feature: &&String| !feature.contains('/') && !package.features.contains_key(*feature);
        if let Some(feature) = self.options.features.iter().chain(&config.features).find(unknown) {
            let (package, known) = (package.name.to_string(), package.features.keys().cloned().collect());
            return Err(Error::NoFeature { package, feature: feature.clone(), known });
        }
        let named = package.dependencies.iter().find(|dependency| dependency.name == RUNTIME);
        let runtime_key = named.map(|dependency| dependency.rename.clone().unwrap_or_else(|| dependency.name.clone()));
        Ok(Subject { package, config, runtime, runtime_key })
    }

    /// No file is written for two purposes: not by the chosen packages, nor by one of them and one that is chosen next
    /// time.
    fn different_places(&self, members: &[&Package], subjects: &[Subject<'_>]) -> Result<(), Error> {
        let chosen = subjects.iter().map(|subject| (subject.package, subject.config.clone()));
        let others = members.iter().filter(|package| package.metadata.get("hubs").is_some());
        let others = others.filter(|package| subjects.iter().all(|subject| subject.package.id != package.id));
        // A mistake in the configuration of a package that was not asked for is said when it is.
        let others = others.filter_map(|package| {
            let config = Config::read(package.manifest_path.as_std_path(), &package.metadata).ok()?;
            Some((*package, config))
        });
        let mut taken: Vec<(String, PathBuf)> = Vec::new();
        for (package, config) in chosen.chain(others) {
            for (key, path) in config.places() {
                let second = format!("`{key}` of `{}`", package.name);
                if let Some((first, path)) = taken.iter().find(|(_, other)| other == path) {
                    return Err(Error::SamePlace { first: first.clone(), second, path: relative(path) });
                }
                taken.push((second, path.to_owned()));
            }
        }
        Ok(())
    }

    /// The hubs-runtime that `package` uses: its own dependency, or the nearest of its dependencies'.
    fn runtime_of(&self, package: &Package) -> Option<&Package> {
        let nodes = &self.metadata.resolve.as_ref()?.nodes;
        let mut layer: Vec<&PackageId> = vec![&package.id];
        let mut seen: Vec<&PackageId> = layer.clone();
        while !layer.is_empty() {
            let next: Vec<&PackageId> = nodes
                .iter()
                .filter(|node| layer.contains(&&node.id))
                .flat_map(|node| node.deps.iter().map(|dep| &dep.pkg))
                .filter(|id| !seen.contains(id))
                .collect();
            let found = self.metadata.packages.iter().find(|p| p.name.as_str() == RUNTIME && next.contains(&&p.id));
            if found.is_some() {
                return found;
            }
            seen.extend(&next);
            layer = next;
        }
        None
    }
}

impl Subject<'_> {
    /// The features to compile it with: those of its configuration and those of the command line, each once, in order.
    pub(crate) fn features(&self, options: &CargoOptions) -> Vec<String> {
        let all: BTreeSet<_> = self.config.features.iter().chain(&options.features).cloned().collect();
        all.into_iter().collect()
    }

    /// Whether other crates can link this package.
    pub(crate) fn has_library(&self) -> bool {
        let linked = [TargetKind::Lib, TargetKind::RLib, TargetKind::DyLib];
        self.package.targets.iter().any(|target| linked.iter().any(|kind| target.kind.contains(kind)))
    }

    /// The binary that has the hubs, for a package without a library.
    pub(crate) fn binary(&self) -> Result<&Target, Error> {
        let bins: Vec<_> = self.package.targets.iter().filter(|target| target.is_bin()).collect();
        let wanted = self.config.bin.as_ref().or(self.package.default_run.as_ref());
        let problem = match (wanted, bins.as_slice()) {
            (None, [only]) => return Ok(only),
            (None, []) => "no binary".to_owned(),
            (None, _) => "more than one binary".to_owned(),
            (Some(name), _) => match bins.iter().find(|target| target.name == *name) {
                Some(target) => return Ok(target),
                None => format!("no binary `{name}`"),
            },
        };
        Err(Error::NoBinary { package: self.package.name.to_string(), problem })
    }

    /// Folder of the package.
    pub(crate) fn folder(&self) -> &Path {
        let manifest = self.package.manifest_path.as_std_path();
        manifest.parent().unwrap_or(manifest)
    }
}

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory};

use super::Passerelle;

/// What `--help` says is part of the product. After a change that is meant:
/// `PASSERELLE_REFRESH_HELP=1 cargo test -p passerelle-gateway help`.
#[test]
fn help_is_as_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help");
    let mut helps = BTreeMap::new();
    collect(
        Passerelle::command().bin_name("passerelle"),
        "passerelle",
        &mut helps,
    );
    if std::env::var_os("PASSERELLE_REFRESH_HELP").is_some() {
        for (file, help) in &helps {
            fs::write(folder.join(file), help).unwrap();
        }
    }
    for (file, help) in &helps {
        let expected = fs::read_to_string(folder.join(file)).unwrap_or_default();
        assert_eq!(
            *help, expected,
            "tests/help/{file} differs; see the comment of this test"
        );
    }
    for file in fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(
            helps.contains_key(&name),
            "tests/help/{name} belongs to no command"
        );
    }
}

#[test]
fn the_command_line_is_well_formed() {
    Passerelle::command().debug_assert();
}

fn collect(command: Command, path: &str, helps: &mut BTreeMap<String, String>) {
    let mut command = command.term_width(100);
    command.build();
    helps.insert(
        format!("{}.txt", path.replace(' ', "-")),
        command.render_long_help().to_string(),
    );
    for below in command
        .get_subcommands()
        .filter(|below| below.get_name() != "help")
    {
        let path = format!("{path} {}", below.get_name());
        collect(below.clone().bin_name(&path), &path, helps);
    }
}

/// Files that help texts name must be made by the commands under these names.
#[test]
fn help_names_the_files_that_are_written() {
    let mut helps = BTreeMap::new();
    collect(
        Passerelle::command().bin_name("passerelle"),
        "passerelle",
        &mut helps,
    );
    for (file, words) in [
        (
            "passerelle-pki-init.txt",
            &["ca.pem", "ca.key", "crl.pem"][..],
        ),
        (
            "passerelle-keys-init.txt",
            &["node.key", "log.key", "receipt.key", "session.key"],
        ),
        (
            "passerelle-log-prove.txt",
            &["INDEX.tlog-proof", "INDEX.entry"],
        ),
    ] {
        for word in words {
            assert!(helps[file].contains(word), "{file} does not name {word}");
        }
    }
}

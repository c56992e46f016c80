use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{Place, text};

/// The page that says how to make a federation by hand does make one.
#[test]
fn the_page_on_a_federation_by_hand_makes_a_node_that_would_start() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("certs-example/README.md")).unwrap();
    let place = Place::new();
    let deploy = root.join("deploy");
    for sample in ["rules.example.json", "node.example.yaml"] {
        let content = fs::read(deploy.join(sample)).unwrap();
        place.write(&format!("deploy/{sample}"), content);
    }
    for text in fs::read_dir(deploy.join("notices.example")).unwrap() {
        let (name, content) = {
            let text = text.unwrap();
            (text.file_name(), fs::read(text.path()).unwrap())
        };
        let name = name.into_string().unwrap();
        place.write(&format!("deploy/notices.example/{name}"), content);
    }
    for block in page.split("```sh\n").skip(1) {
        let (block, _) = block.split_once("```").unwrap();
        if block.contains("trust-list sign") {
            complete_member(&place);
        }
        if block.contains("check-config") {
            complete_configuration(&place);
        }
        let binary = Path::new(env!("CARGO_BIN_EXE_passerelle"))
            .parent()
            .unwrap();
        let path = std::env::var("PATH").unwrap();
        let told = Command::new("sh")
            .args(["-eu", "-c", block])
            .current_dir(place.0.path())
            .env("PATH", format!("{}:{path}", binary.display()))
            .output()
            .unwrap();
        assert!(told.status.success(), "{block}\n{}", text(&told.stderr));
    }
    let checked = place.done("check-config departement-67/node.yaml");
    assert!(!checked.contains("attention"), "{checked}");
    mistakes_are_found(&place);
    assert!(
        !place.file("departement-67-data").exists(),
        "nothing was started, and nothing kept"
    );
}

/// What a node would stumble over when it starts is found before.
fn mistakes_are_found(place: &Place) {
    let file = "departement-67/node.yaml";
    let whole = place.read(file);
    for (right, wrong, said) in [
        (
            "certificate_file: pki/node.pem",
            "certificate_file: agency/server.pem",
            "pki/node.key: not the key of",
        ),
        (
            "key_file: pki/node.key",
            "key_file: agency/server.key",
            "server.key: not the key of",
        ),
        ("id: departement-67", "id: departement-68", "node.pem"),
        ("federation: bas-rhin", "federation: haut-rhin", "node.pem"),
        (
            "crl_file: pki/federation.crl",
            "crl_file: agency/ca.crl",
            "ca.crl",
        ),
        (
            "anchors_file: pki/anchors.pem",
            "anchors_file: agency/ca.pem",
            "federation.crl",
        ),
        (
            "list_file: trust/list.jwt",
            "list_file: pki/node.pem",
            "pki/node.pem (`trust.list_file`",
        ),
        (
            "catalogue_file: notices/catalogue.jwt",
            "catalogue_file: trust/list.jwt",
            "trust/list.jwt (`notices.catalogue_file`): typ is not notice-catalogue+jwt",
        ),
        (
            "  key_file: trust/coordinator.pub.pem",
            "  key_file: agency/solis.pub.pem",
            "agency/solis.pub.pem: ask for it anew",
        ),
        ("epoch: 1", "epoch: 2", "epoch"),
        ("alg: ES256", "alg: EdDSA", "solis.pub.pem"),
        ("../departement-67-epochs", "notices", "epoch-1.key"),
    ] {
        assert!(whole.contains(right), "no {right}");
        place.write(file, whole.replacen(right, wrong, 1));
        let refused = place.refused("check-config departement-67/node.yaml");
        assert!(refused.contains(said), "{wrong}: {refused}");
    }
    let other = whole.replacen(
        "receipt_key_file: keys/receipt.key",
        "receipt_key_file: keys/session.key",
        1,
    );
    place.write(file, other);
    let told = place.done("check-config departement-67/node.yaml");
    assert!(
        told.contains("attention: the trust list does not name this node's receipt key"),
        "{told}"
    );
    place.write(file, whole);
}

/// What an operator writes into `member.yaml`.
fn complete_member(place: &Place) {
    let member = [
        ("name: \"\"", "name: Département du Bas-Rhin"),
        ("kind: association", "kind: department"),
        ("sirets: []", "sirets: [\"22670001100019\"]"),
        (
            "endpoints: []",
            "endpoints: [\"noeud.departement-67.example:8443\"]",
        ),
        ("purposes: {}", "purposes: {pathway_follow_up: 2}"),
    ];
    change(place, "departement-67/member.yaml", &member);
}

/// The table of settings on the page.
fn complete_configuration(place: &Place) {
    let line = |text: String, name: &str| {
        let found = text.lines().find(|line| line.trim().starts_with(name));
        found.expect(name).trim().to_owned()
    };
    let certificate = line(
        place.done("pki show solis/client.pem"),
        "certificate_sha256",
    );
    let assertion = line(place.done("keys show solis/assertion.key.pub.pem"), "kid");
    let pinned = line(
        place.done("keys show federation/coordinator.key.pub.pem"),
        "kid",
    );
    let file = "departement-67/node.yaml";
    let settings = [
        ("/var/lib/passerelle-epochs", "../departement-67-epochs"),
        ("/var/lib/passerelle", "../departement-67-data"),
        (&line(place.read(file), "certificate_sha256"), &certificate),
        (
            "assertion_kid: solis-2026",
            &format!("assertion_{assertion}"),
        ),
        (&line(place.read(file), "kid"), &pinned),
    ];
    change(place, file, &settings);
}

fn change(place: &Place, file: &str, replaced: &[(&str, &str)]) {
    let mut text = place.read(file);
    for (one, other) in replaced {
        assert!(text.contains(one), "{file}: no {one}");
        text = text.replacen(one, other, 1);
    }
    place.write(file, text);
}

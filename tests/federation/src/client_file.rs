use crate::{Federation, SYSTEM};

/// What a program of the organisation behind `node` knows about reaching it; `who` works, as lines of YAML.
pub fn client_file(federation: &Federation, node: &str, who: &str) -> String {
    let site = federation.site(node);
    let system = federation.system(node, SYSTEM);
    format!(
        "node: {node}\n\
         address: localhost:{}\n\
         ca_file: {}\n\
         certificate_file: {}\n\
         key_file: {}\n\
         system: {SYSTEM}\n\
         assertion_key_file: {}\n\
         siret: \"{}\"\n\
         {who}",
        site.agency_address.port(),
        system.anchors.display(),
        system.certificate.display(),
        system.key.display(),
        system.assertion_key.display(),
        site.config.agency.systems[0]
            .sirets
            .first()
            .expect("an establishment"),
    )
}

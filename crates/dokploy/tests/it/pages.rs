//! The reference pages are what the rows say.

use std::path::PathBuf;

use dokploy::{reference, tables};

#[test]
fn reference_pages_are_up_to_date() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/resources");
    let data = root.with_file_name("data-sources");
    let resources = tables::AHMEDALI6.resources.iter().map(|row| {
        let path = root.join(format!("{}.md", row.kind));
        (path, reference::reference_md(row))
    });
    let data_sources = tables::AHMEDALI6.data_sources.iter().map(|row| {
        let path = data.join(format!("{}.md", row.kind));
        (path, reference::data_source_md(row))
    });
    for (path, wanted) in resources.chain(data_sources) {
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &wanted).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            found,
            wanted,
            "{}: run UPDATE=1 cargo test -p dokploy",
            path.display()
        );
    }
}

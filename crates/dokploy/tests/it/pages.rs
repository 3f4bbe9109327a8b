//! The reference pages are what the rows say.

use std::path::PathBuf;

use dokploy::{reference, tables};

#[test]
fn reference_pages_are_up_to_date() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/resources");
    for row in tables::AHMEDALI6.resources {
        let path = root.join(format!("{}.md", row.kind));
        let wanted = reference::reference_md(row);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(&root).unwrap();
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

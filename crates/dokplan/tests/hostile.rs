//! Files that nobody should trust: changed in any place, they are read or refused, and nothing panics. The same
//! properties as the fuzz targets in `fuzz/`, over changes of real files.

use std::collections::BTreeMap;

use diag::{Diagnostics, SourceMap};
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::support::{Dir, repository, text};

/// Replaces the n-th value of a document, counted from the outside; takes it away if there is nothing to put there.
fn replaced(json: &mut Json, n: &mut usize, by: Option<&Json>) -> bool {
    if *n == 0 {
        *json = by.cloned().unwrap_or(Json::Null);
        return true;
    }
    *n -= 1;
    match json {
        Json::Array(items) => {
            if *n < items.len() && by.is_none() {
                items.remove(*n);
                return true;
            }
            items.iter_mut().any(|it| replaced(it, n, by))
        }
        Json::Object(members) => {
            if by.is_none()
                && let Some(key) = members.keys().nth(*n).cloned()
            {
                members.remove(&key);
                return true;
            }
            members.values_mut().any(|it| replaced(it, n, by))
        }
        _ => false,
    }
}

fn something() -> impl Strategy<Value = Option<Json>> {
    let text = |it: &str| serde_json::from_str(it).ok();
    prop_oneof![
        Just(None),
        any::<i64>().prop_map(|it| Some(it.into())),
        ".{0,8}".prop_map(|it| Some(it.into())),
        Just(text("{}")),
        Just(text("[]")),
        Just(text("[[1]]")),
        Just(text("true")),
        Just(text("1e400")),
        Just(text("\"a.b[\\\"\"")),
        Just(text("{\"value\": 1, \"type\": [\"map\"]}")),
    ]
}

fn changed(seed: &str, n: usize, by: Option<&Json>) -> Option<Json> {
    let mut json: Json = serde_json::from_str(seed).ok()?;
    let size = seed.matches([',', ':']).count() + 1;
    replaced(&mut json, &mut (n % size), by);
    Some(json)
}

fn seeds() -> Vec<String> {
    let mut res: Vec<String> = ["v3", "v4"]
        .iter()
        .flat_map(|it| std::fs::read_dir(repository("testdata/state").join(it)).unwrap())
        .map(|it| text(it.unwrap().path()))
        .filter(|it| it.len() < 100_000)
        .collect();
    res.sort();
    assert!(res.len() >= 3);
    res
}

fn read_state(bytes: &[u8]) {
    if let Ok(snapshot) = state::file::read(bytes) {
        let written = state::file::write(&snapshot);
        let again = state::file::read(&written).expect("what was written can be read");
        assert_eq!(state::file::write(&again), written);
        let _ = view::json::state::document(Some(&snapshot), &provider::schema::Schemas::default());
    }
}

#[test]
fn changed_states_are_read_or_refused() {
    let seeds = seeds();
    proptest!(|(which in 0..seeds.len(), n in any::<usize>(), cut in any::<usize>(), by in something())| {
        let seed = &seeds[which];
        if let Some(json) = changed(seed, n, by.as_ref()) {
            read_state(json.to_string().as_bytes());
        }
        read_state(&seed.as_bytes()[..cut % seed.len()]);
    });
}

#[test]
fn changed_journals_are_folded_or_refused() {
    let record = r#"{"lineage":"l","addr":"terraform_data.a[\"k\"]","deposed":null,"provider":"provider[\"terraform.io/builtin/terraform\"]","object":{"schema_version":0,"attributes":{"id":"x"},"sensitive_attributes":[[{"type":"get_attr","value":"id"}]],"private":"eA=="}}"#;
    proptest!(|(n in any::<usize>(), by in something(), bytes in proptest::collection::vec(any::<u8>(), 0..200))| {
        let json = changed(record, n, by.as_ref()).unwrap().to_string();
        let _ = state::journal::fold(state::Snapshot::default(), &[json.into_bytes()]);
        let mut framed = b"dokplan-journal1".to_vec();
        framed.extend(&bytes);
        for it in [&framed, &bytes] {
            let records = backend::journal_records(it);
            let _ = state::journal::fold(state::Snapshot::default(), &records);
        }
    });
}

#[test]
fn changed_plans_are_read_or_refused() {
    let config = "variable \"v\" {\n  default   = [1]\n  sensitive = true\n}\nresource \"terraform_data\" \"a\" {\n  count = 2\n  input = { a = var.v }\n}\noutput \"o\" {\n  value = terraform_data.a[0].id\n}\ncheck \"c\" {\n  assert {\n    condition     = length(terraform_data.a) == 1\n    error_message = \"m\"\n  }\n}\n";
    let dir = Dir::with(&[("main.tf", config)]);
    dir.run(&["plan", "-out=tfplan"]).ok();
    let saved = dir.read("tfplan");
    let document: Json = serde_json::from_str(saved.split_once('\n').unwrap().1).unwrap();
    let seed = document["plan"].to_string();
    plan::file::from_json(&document["plan"]).unwrap();
    proptest!(|(n in any::<usize>(), by in something())| {
        let json = changed(&seed, n, by.as_ref()).unwrap();
        if let Ok(plan) = plan::file::from_json(&json) {
            plan::file::from_json(&plan::file::to_json(&plan)).expect("what was written can be read");
        }
    });
}

#[test]
fn changed_envelopes_are_opened_or_refused() {
    use backend::seal::{KeyProvider, KeySource, Method, Seal};
    let seed = text(repository("testdata/encryption/static-aad.tfstate"));
    let seal = Seal::new(
        vec![Method::AesGcm {
            key: KeyProvider {
                name: "key_provider.static.vector".to_owned(),
                source: KeySource::Static((0..32).collect::<Vec<u8>>().into()),
            },
            aad: vec![1, 2, 3],
        }],
        |_| true,
    );
    proptest!(|(n in any::<usize>(), by in something(), cut in any::<usize>())| {
        let json = changed(&seed, n, by.as_ref()).unwrap();
        let _ = seal.open(json.to_string().as_bytes());
        let _ = seal.open(&seed.as_bytes()[..cut % seed.len()]);
    });
}

#[test]
fn changed_json_configurations_are_loaded_or_refused() {
    let seed = r#"{"terraform": {"required_version": ">= 1", "required_providers": {"dokploy": {"source": "ahmedali6/dokploy"}}, "encryption": {"key_provider": {"static": {"k": {"key": "${var.k}"}}}, "method": {"aes_gcm": {"m": {"keys": "${key_provider.static.k}"}}}, "state": {"method": "method.aes_gcm.m", "enforced": true}}}, "variable": {"k": {"type": "string", "default": "x"}}, "locals": {"a": "${[for k in var.k : k]}"}, "resource": {"terraform_data": {"a": {"count": 2, "input": {"x": 1}, "lifecycle": {"ignore_changes": ["input"]}, "provisioner": [{"local-exec": {"command": "true"}}]}}}, "module": {"m": {"source": "./m"}}, "output": {"o": {"value": "${terraform_data.a}"}}, "moved": {"from": "a.b", "to": "a.c"}, "check": {"c": {"assert": {"condition": "${true}", "error_message": "m"}}}}"#;
    proptest!(|(n in any::<usize>(), by in something(), cut in any::<usize>())| {
        let changed = changed(seed, n, by.as_ref()).unwrap().to_string();
        let mut end = cut % seed.len();
        while !seed.is_char_boundary(end) {
            end -= 1;
        }
        for text in [changed.as_str(), &seed[..end]] {
            let files = config::MapFiles(BTreeMap::from([("main.tf.json".to_owned(), text.to_owned())]));
            let (mut sources, mut diags) = (SourceMap::new(), Diagnostics::new());
            let loaded = config::load(&files, ".", &mut sources, &mut diags);
            let body = loaded.as_ref().and_then(|it| it.config.root().settings.encryption.as_ref());
            if let Some(body) = body {
                config::encryption::decode(body, &sources, &mut diags);
            }
            let id = sources.add("x.tfvars.json", text);
            config::values::parse(id, text, true, &mut diags);
            view::diagnostic::text(&diags, &sources, view::Style::PLAIN);
        }
    });
}

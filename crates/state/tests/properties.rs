//! What holds for every state.

use std::collections::BTreeMap;
use std::sync::Arc;

use addr::{DeposedKey, Key, ModuleInstance, ModulePath, ObjectKey, Provider, ProviderConfig};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value as Json;
use state::object::Attributes;
use state::{Object, Snapshot, State, Status, journal};
use value::{Marks, Path};

fn name() -> impl Strategy<Value = String> {
    "[a-z_][a-z0-9_-]{0,6}"
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        ".{0,12}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::from),
            btree_map(".{0,6}", inner, 0..4).prop_map(|it| it.into_iter().collect()),
        ]
    })
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        Just(Key::None),
        (0..20_u64).prop_map(Key::Int),
        ".{0,8}".prop_map(|it| Key::Str(it.as_str().into())),
    ]
}

fn object() -> impl Strategy<Value = Object> {
    (
        any::<bool>(),
        0..5_u64,
        btree_map(name(), json(), 0..5),
        proptest::option::of(vec(any::<u8>(), 1..20)),
        vec((name(), name()), 0..3),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(tainted, schema_version, attributes, private, dependencies, before, secret)| {
                let mut dependencies: Vec<_> = dependencies
                    .iter()
                    .map(|(kind, name)| addr::ConfigResource {
                        module: ModulePath::root(),
                        resource: addr::Resource::managed(&format!("t{kind}"), name),
                    })
                    .collect();
                dependencies.sort_by_key(ToString::to_string);
                dependencies.dedup();
                let sensitive = attributes
                    .keys()
                    .filter(|_| secret)
                    .map(|it| (Path::attr_of(it), Marks::SENSITIVE))
                    .collect();
                Object {
                    status: if tainted {
                        Status::Tainted
                    } else {
                        Status::Ready
                    },
                    schema_version,
                    attributes: Attributes::Json(Arc::new(attributes.into_iter().collect())),
                    sensitive,
                    private,
                    dependencies,
                    create_before_destroy: before,
                    identity: None,
                }
            },
        )
}

fn instance() -> impl Strategy<Value = addr::Instance> {
    (vec((name(), key()), 0..3), name(), name(), key()).prop_map(|(module, kind, name, key)| {
        let module = ModuleInstance(
            module
                .into_iter()
                .map(|(name, key)| (name.as_str().into(), key))
                .collect(),
        );
        addr::Resource::managed(&format!("t{kind}"), &name)
            .absolute(&module)
            .instance(key)
    })
}

fn provider() -> ProviderConfig {
    ProviderConfig {
        module: ModulePath::root(),
        provider: Provider::builtin(),
        alias: None,
    }
}

type Change = (addr::Instance, Option<u32>, Object);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    vec(
        (instance(), proptest::option::of(any::<u32>()), object()),
        0..6,
    )
}

fn object_key(deposed: Option<u32>) -> ObjectKey {
    deposed.map_or(ObjectKey::Current, |it| {
        ObjectKey::Deposed(DeposedKey(format!("{it:08x}").as_str().into()))
    })
}

fn state(changes: &[Change]) -> State {
    let mut res = State::new();
    let mut kinds: BTreeMap<addr::AbsResource, std::mem::Discriminant<Key>> = BTreeMap::new();
    for (addr, deposed, object) in changes {
        // A resource has instances of one kind.
        let kind = std::mem::discriminant(&addr.key);
        if *kinds.entry(addr.absolute()).or_insert(kind) == kind {
            res.set_object(
                addr,
                &object_key(*deposed),
                &provider(),
                Some(Arc::new(object.clone())),
            );
        }
    }
    res
}

proptest! {
    #[test]
    fn what_is_written_is_read(changes in changes(), serial in any::<u64>(), lineage in ".{0,10}") {
        let snapshot = Snapshot {
            lineage,
            serial,
            terraform_version: "1.11.4".to_owned(),
            state: state(&changes),
        };
        let bytes = state::file::write(&snapshot);
        let read = state::file::read(&bytes).unwrap();
        prop_assert_eq!(&read, &snapshot);
        prop_assert_eq!(state::file::write(&read), bytes);
    }

    #[test]
    fn a_journal_makes_the_same_state(changes in changes()) {
        let expected = state(&changes);
        let records: Vec<Vec<u8>> = expected
            .instances()
            .flat_map(|(addr, resource, instance)| {
                let current = instance.current.iter().map(|it| (ObjectKey::Current, it));
                let deposed = instance.deposed.iter().map(|(key, it)| (ObjectKey::Deposed(key.clone()), it));
                let record = |(key, object): (ObjectKey, &Arc<Object>)| journal::encode(&journal::Entry::Finished(journal::Record {
                    lineage: "x".to_owned(),
                    addr: addr.clone(),
                    key,
                    provider: resource.provider.clone(),
                    object: Some(object.clone()),
                    ends: None,
                }));
                current.chain(deposed).map(record).collect::<Vec<_>>()
            })
            .collect();
        let folded = journal::fold(Snapshot::default(), &records).unwrap();
        prop_assert_eq!(folded.snapshot.state, expected);
        prop_assert_eq!(folded.open, Vec::new());
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200), json in json()) {
        let _ = state::file::read(&bytes);
        let _ = state::file::read(json.to_string().as_bytes());
        let _ = state::file::read(format!(r#"{{"version": 4, "resources": [{json}], "outputs": {{"a": {json}}}}}"#).as_bytes());
        let _ = state::file::read(format!(r#"{{"version": 3, "modules": [{json}, {{"path": {json}, "resources": {{"a.b": {json}}}}}]}}"#).as_bytes());
        let _ = journal::decode(&bytes);
        let _ = journal::decode(json.to_string().as_bytes());
    }
}

//! The kinds of mistakes that a configuration's structure can hold.

use diag::Code;

macro_rules! codes {
    ($($name:ident = $id:literal, $title:literal, $doc:literal;)*) => {
        $(
            #[doc = $title]
            pub const $name: Code = Code::new($id, $title, $doc);
        )*
        /// Every code of this crate.
        pub const CODES: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    // What a block holds.
    UNSUPPORTED_ARGUMENT = "unsupported-argument", "Unsupported argument",
        "The block has no argument of this name. Look for a misspelling, or for an argument that belongs to another block.";
    UNSUPPORTED_BLOCK = "unsupported-block", "Unsupported block type",
        "No block of this type can stand here.";
    EXTRANEOUS_PROPERTY = "extraneous-property", "Extraneous JSON object property",
        "The JSON object has a property that is neither an argument nor a block type at this place.";
    MISSING_ARGUMENT = "missing-argument", "Missing required argument",
        "The block needs an argument that is not set.";
    MISSING_LABEL = "missing-label", "Missing label",
        "The header of the block needs more labels, quoted words between its type and its opening brace.";
    EXTRANEOUS_LABEL = "extraneous-label", "Extraneous label",
        "The header of the block has more labels than its type takes.";
    UNEXPECTED_BLOCK = "unexpected-block", "Unexpected block",
        "Only arguments can stand here, no blocks.";
    INVALID_NAME = "invalid-name", "Invalid name",
        "A name begins with a letter or underscore and goes on with letters, digits, underscores and dashes. Some names are taken by the language.";
    DUPLICATE = "duplicate-declaration", "Duplicate declaration",
        "Two blocks declare the same thing. Names are unique in a module, over all of its files.";
    RESERVED_ARGUMENT = "reserved-argument", "Reserved argument name",
        "The name is kept for the language and cannot be used by the block's owner.";
    RESERVED_BLOCK = "reserved-block", "Reserved block type name",
        "The block type is kept for the language and cannot be used here.";
    DUPLICATE_ESCAPE = "duplicate-escaping-block", "Duplicate escaping block",
        "A block has at most one `_ { … }`, which holds arguments whose names would otherwise be taken by the language.";
    REQUIRED_PROVIDERS_PLACE = "required-providers-place", "Invalid required_providers block",
        "A `required_providers` block stands inside a `terraform` block.";

    // What must be constant.
    VARIABLES_NOT_ALLOWED = "constant-without-variables", "Variables not allowed",
        "The value must be known before anything is evaluated, so it cannot refer to anything.";
    FUNCTIONS_NOT_ALLOWED = "constant-without-functions", "Function calls not allowed",
        "The value must be known before anything is evaluated, so it cannot call a function.";
    UNSUITABLE_TYPE = "unsuitable-type", "Unsuitable value type",
        "The argument takes a constant of another type.";

    // What must be a reference, a keyword or a list of them.
    STATIC_EXPRESSION = "static-expression", "Invalid expression",
        "The argument is read before anything is evaluated, so it must be a plain reference, or a list of them in square brackets.";
    QUOTED_REFERENCE = "quoted-reference", "Quoted references are deprecated",
        "References are written without quotes: `depends_on = [dokploy_registry.a]`.";
    QUOTED_KEYWORD = "quoted-keyword", "Quoted keywords are deprecated",
        "Keywords are written without quotes: `when = destroy`.";
    PROVIDER_REFERENCE = "provider-reference", "Invalid provider configuration reference",
        "A provider configuration is named by the provider's local name, and after a dot its alias if it has one: `dokploy.staging`.";
    IGNORE_ALL = "ignore-changes-wildcard", "Invalid ignore_changes wildcard",
        "To ignore changes of all attributes write `ignore_changes = all`.";
    IGNORE_RULESET = "ignore-changes-ruleset", "Invalid ignore_changes ruleset",
        "A wildcard and single attributes cannot be mixed.";
    REPLACE_TRIGGER = "replace-trigger", "Invalid replace_triggered_by expression",
        "`replace_triggered_by` lists resources of this module, instances of them, or their attributes.";
    SELF_REFERENCE = "condition-self-reference", "Invalid reference",
        "A condition of a resource cannot refer to the resource by its address; a postcondition uses `self`.";
    DESTROY_REFERENCE = "destroy-provisioner-reference", "Invalid reference from destroy provisioner",
        "A provisioner that runs on destruction refers only to `self`, `count.index` and `each.key`: other objects may be gone by then.";

    // Meta-arguments.
    COUNT_AND_FOR_EACH = "count-and-for-each", "Invalid combination of \"count\" and \"for_each\"",
        "A block has `count` or `for_each`, not both.";
    DUPLICATE_LIFECYCLE = "duplicate-lifecycle", "Duplicate lifecycle block",
        "A resource has at most one `lifecycle` block.";
    LIFECYCLE_ARGUMENT = "lifecycle-argument", "Invalid lifecycle argument",
        "The lifecycle of data sources and ephemeral resources has only conditions.";
    DUPLICATE_CONNECTION = "duplicate-connection", "Duplicate connection block",
        "There is at most one `connection` block for a resource, and one for a provisioner.";
    REMOVED_PROVISIONER = "removed-provisioner", "The provisioner has been removed",
        "The provisioners `chef`, `habitat`, `puppet` and `salt-masterless` no longer exist.";
    WHEN_KEYWORD = "when-keyword", "Invalid \"when\" keyword",
        "`when` is `create` or `destroy`.";
    ON_FAILURE_KEYWORD = "on-failure-keyword", "Invalid \"on_failure\" keyword",
        "`on_failure` is `continue` or `fail`.";
    NESTED_DATA = "nested-data", "Invalid nested data block",
        "The data source of a check block has no `count`, `for_each` or `lifecycle`.";

    // Conditions.
    CONSTANT_CONDITION = "constant-condition", "Invalid condition expression",
        "A condition that refers to nothing has always the same result.";
    VALIDATION_CONDITION = "validation-condition", "Invalid variable validation condition",
        "The condition of a validation block refers to the variable that it checks.";
    NULL_DEFAULT = "null-default", "Invalid default value for variable",
        "A variable with `nullable = false` cannot have the default `null`.";
    ZERO_ASSERTS = "zero-asserts", "Zero assert blocks",
        "A check block has at least one `assert` block.";
    MULTIPLE_DATA = "multiple-data", "Multiple data resource blocks",
        "A check block has at most one data source.";

    // Settings.
    UNSUPPORTED_VERSION = "unsupported-core-version", "Unsupported Terraform Core version",
        "The module's `required_version` does not admit the version of the language that this program implements.";
    VERSION_CONSTRAINT = "version-constraint", "Invalid version constraint",
        "Constraints are an operator and a version, several of them separated by commas: `>= 1.2, < 2.0`.";
    PROVIDER_SOURCE = "provider-source", "Invalid provider source string",
        "A provider's source is `NAMESPACE/TYPE` or `HOST/NAMESPACE/TYPE`.";
    REQUIRED_PROVIDER = "required-provider", "Invalid required_providers object",
        "An entry of `required_providers` is an object with `source`, `version` and `configuration_aliases`.";
    DUPLICATE_REQUIRED_PROVIDER = "duplicate-required-provider", "Duplicate required provider",
        "One provider has two local names in one module.";
    CONFIGURATION_ALIASES = "configuration-aliases", "Invalid configuration_aliases value",
        "`configuration_aliases` lists names such as `dokploy.staging`.";
    BACKEND_AND_CLOUD = "backend-and-cloud", "Both a backend and cloud configuration are present",
        "State is kept in one place.";
    LANGUAGE_EDITION = "language-edition", "Unsupported language edition",
        "There is one edition of the language, TF2021.";
    EXPERIMENTS = "experiments", "Module uses experimental features",
        "Experiments exist only in prereleases of Terraform.";
    PROVIDER_ALIAS = "provider-alias", "Invalid provider configuration alias",
        "An alias is a name.";
    PROVIDER_NAME = "provider-name", "Invalid provider local name",
        "Local names of providers are in lower case.";
    PROVIDER_VERSION = "provider-version-argument", "Version constraints inside provider configuration blocks are deprecated",
        "The version of a provider is constrained in `required_providers`.";

    // Moves, removals, imports.
    MOVED_KINDS = "moved-kinds", "Invalid \"moved\" addresses",
        "A resource moves to a resource, a module to a module.";
    RESOURCE_KEYS = "removed-resource-keys", "Resource instance keys not allowed",
        "A `removed` block is about a whole resource, not one of its instances.";
    MODULE_KEYS = "removed-module-keys", "Module instance keys not allowed",
        "A `removed` block is about a module as it is declared, not one instance of it.";
    REMOVED_DATA = "removed-data", "Data source address not allowed",
        "A data source has nothing to destroy; deleting its block is enough.";
    REMOVED_PROVISIONERS = "removed-provisioners", "Invalid provisioner block",
        "The provisioners of a `removed` block run when a managed resource is destroyed.";
    REMOVED_CONNECTION = "removed-connection", "Invalid connection block",
        "A `removed` block has a connection only when it is about a managed resource.";
    IMPORT_ADDRESS = "import-address", "Invalid import address",
        "Only instances of managed resources can be imported.";

    // Modules.
    MODULE_DIRECTORY = "module-directory", "Unreadable module directory",
        "The directory that a module's source names is not there or cannot be read.";
    ROOT_DIRECTORY = "root-directory", "Failed to read module directory",
        "The directory of the configuration is not there or cannot be read.";
    UNREADABLE_FILE = "unreadable-file", "Failed to read file",
        "A file of the configuration cannot be read.";
    NOT_INSTALLED = "module-not-installed", "Module not installed",
        "A module that is not a local directory has to be installed before, and a module cannot contain itself.";
    MODULE_SOURCE = "module-source", "Invalid module source address",
        "A local module's source begins with `./` or `../`.";
    REGISTRY_SOURCE = "registry-source", "Invalid registry module source address",
        "`version` is only for modules of a registry.";
    LEGACY_MODULE = "legacy-module", "Module is incompatible with count, for_each, and depends_on",
        "A module that configures providers itself can be called only once. Pass the configurations with `providers` instead.";
    PROVIDER_NOT_PASSED = "provider-not-passed", "Missing required provider configuration",
        "The module declares in `configuration_aliases` a provider configuration that its caller does not pass.";
    PROVIDER_MISMATCH = "provider-mismatch", "Provider type mismatch",
        "The configuration passed to the module is of another provider than the one expected under that name.";
    PROVIDER_UNDEFINED = "provider-undefined", "Reference to undefined provider",
        "The module does not declare the local name under which a configuration is passed to it.";
    PROVIDER_REDUNDANT = "provider-redundant", "Redundant empty provider block",
        "An empty provider block in a module does nothing. Declare the provider in `required_providers` instead.";
    PROVIDER_OVERRIDE = "provider-override", "Cannot override provider configuration",
        "The module configures this provider itself, so none can be passed to it.";

    // Override files.
    MISSING_BASE = "override-without-base", "Missing base to override",
        "An override file only changes what another file declares.";
    CANNOT_OVERRIDE = "cannot-override", "Cannot override",
        "Blocks of this type cannot stand in override files.";
    UNSUPPORTED_OVERRIDE = "unsupported-override", "Unsupported override",
        "`depends_on` cannot be changed by an override file.";

    // Values files.
    DECLARATION_IN_VALUES = "declaration-in-values", "Variable declaration in .tfvars file",
        "A values file sets variables that `.tf` files declare.";
    INVALID_VALUES = "invalid-values", "Invalid values file",
        "A values file holds only `name = value`.";
}

//! The kinds of mistakes that the engine reports.

use diag::Code;

macro_rules! codes {
    ($($name:ident = $id:literal, $title:literal, $doc:literal;)*) => {
        $(
            #[doc = $doc]
            pub const $name: Code = Code::new($id, $title, $doc);
        )*

        /// All codes of this crate.
        pub const CODES: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    CYCLE = "cycle", "Cycle",
        "Things in the configuration need each other, so that none of them can be first. Break the circle: let one of them use a constant or another source.";
    UNDECLARED_RESOURCE = "undeclared-resource", "Reference to undeclared resource",
        "An expression names a resource that this module does not declare.";
    UNDECLARED_VARIABLE = "undeclared-variable", "Reference to undeclared input variable",
        "An expression names an input variable that this module does not declare.";
    UNDECLARED_LOCAL = "undeclared-local", "Reference to undeclared local value",
        "An expression names a local value that this module does not declare.";
    UNDECLARED_MODULE = "undeclared-module", "Reference to undeclared module",
        "An expression names a module call that this module does not declare.";
    UNSUPPORTED_ATTRIBUTE = "unsupported-attribute", "Unsupported attribute",
        "An expression asks for an attribute that the object does not have.";
    INVALID_INDEX_OPERATION = "invalid-index-operation", "Invalid index operation",
        "An expression asks an object for an element; an object has attributes, which are named after a dot.";
    COUNT_ATTRIBUTE = "count-attribute", "Invalid resource count attribute",
        "Resources had an attribute `count` long ago; `length(TYPE.NAME)` tells how many instances there are.";
    INVALID_DEPENDS_ON = "invalid-depends-on", "Invalid depends_on reference",
        "`depends_on` names whole resources, data sources, modules and the like, not parts of them.";
    MISSING_INSTANCE_KEY = "missing-instance-key", "Missing resource instance key",
        "A resource with count or for_each has many instances; an attribute is of one of them.";
    UNEXPECTED_INSTANCE_KEY = "unexpected-instance-key", "Unexpected resource instance key",
        "A resource without count and for_each has one instance, which has no key.";
    INVALID_INDEX = "invalid-instance-index", "Invalid index",
        "An expression asks for an instance that does not exist.";
    COUNT_OUTSIDE = "count-outside", "Reference to \"count\" in non-counted context",
        "`count.index` has a value only in a block that sets `count`.";
    MOVED_AND_EXCLUDED = "moved-and-excluded", "Moved resource instances excluded by targeting",
        "Something in the state has moved to another address, and `-target` covers only one of the two, or none. Name both, or plan everything.";
    EACH_OUTSIDE = "each-outside", "Reference to \"each\" in context without for_each",
        "`each.key` and `each.value` have values only in a block that sets `for_each`.";
    SELF_OUTSIDE = "self-outside", "Invalid \"self\" reference",
        "`self` has a value only in provisioners, connections and postconditions.";
    INVALID_PATH_ATTRIBUTE = "invalid-path-attribute", "Invalid \"path\" attribute",
        "Known are `path.cwd`, `path.module` and `path.root`.";
    INVALID_TERRAFORM_ATTRIBUTE = "invalid-terraform-attribute", "Invalid \"terraform\" attribute",
        "Known is `terraform.workspace`.";
    INVALID_REFERENCE = "invalid-engine-reference", "Invalid reference",
        "An expression names something that has no value here.";
    SELF_REFERENTIAL = "self-referential", "Self-referential block",
        "The configuration of an object uses the object itself, which does not exist before it is configured.";
    INVALID_RESOURCE_TYPE = "invalid-resource-type", "Invalid resource type",
        "The provider has no resource type of this name.";
    INVALID_DATA_SOURCE = "invalid-data-source", "Invalid data source",
        "The provider has no data source of this name.";
    INVALID_EPHEMERAL = "invalid-ephemeral-resource", "Invalid ephemeral resource",
        "The provider has no ephemeral resource type of this name.";
    MISSING_PROVIDER = "missing-provider", "Missing required provider",
        "Nobody here provides this resource type.";
    PROVIDER_NOT_PRESENT = "provider-not-present", "Provider configuration not present",
        "An object was made with a provider configuration that is gone, and nothing else can delete it.";
    PROVIDER_UNDECLARED = "provider-undeclared", "Provider configuration not present",
        "A block names a provider configuration that does not exist in its module.";
    NO_VALUE = "no-value-for-variable", "No value for required variable",
        "A variable of the root module has neither a value nor a default.";
    REQUIRED_NOT_SET = "required-variable-not-set", "Required variable not set",
        "A variable that must not be null was given null.";
    INVALID_INPUT = "invalid-variable-value", "Invalid value for input variable",
        "A value does not convert to the type of its variable.";
    INVALID_VARIABLE = "variable-validation-failed", "Invalid value for variable",
        "A value breaks a rule that the variable declares.";
    INVALID_DEFAULT = "invalid-variable-default", "Invalid default value for variable",
        "The default of a variable does not convert to its type.";
    VALIDATION_RESULT = "invalid-validation-result", "Invalid variable validation result",
        "The condition of a validation is true or false.";
    VALIDATION_MESSAGE = "invalid-error-message", "Invalid error message",
        "An error message is a string.";
    ERROR_MESSAGE_SENSITIVE = "sensitive-error-message", "Error message refers to sensitive values",
        "An error message is shown, so it must not hold what is sensitive.";
    ERROR_MESSAGE_EPHEMERAL = "ephemeral-error-message", "Error message refers to ephemeral values",
        "An error message is stored, so it must not hold what is ephemeral.";
    MISSING_ARGUMENT = "missing-module-argument", "Missing required argument",
        "A module call leaves out a variable that has no default.";
    UNSUPPORTED_ARGUMENT = "unsupported-module-argument", "Unsupported argument",
        "A module call sets a variable that the module does not declare.";
    UNSUPPORTED_BLOCK = "unsupported-module-block", "Unsupported block type",
        "A module call holds a block that means nothing there.";
    OUTPUT_SENSITIVE = "output-sensitive", "Output refers to sensitive values",
        "An output of the root module shows what is sensitive without saying so.";
    OUTPUT_EPHEMERAL = "output-ephemeral", "Ephemeral value not allowed",
        "An output that is stored holds what must not be stored.";
    OUTPUT_EPHEMERAL_ROOT = "output-ephemeral-root", "Ephemeral output not allowed",
        "Outputs of the root module are stored, so they cannot be ephemeral.";
    OUTPUT_PRECONDITION = "output-precondition-failed", "Module output value precondition failed",
        "A precondition of an output does not hold.";
    PRECONDITION = "precondition-failed", "Resource precondition failed",
        "A precondition of a resource does not hold.";
    POSTCONDITION = "postcondition-failed", "Resource postcondition failed",
        "A postcondition of a resource does not hold.";
    CHECK_FAILED = "check-failed", "Check block assertion failed",
        "An assertion of a check block does not hold.";
    CHECK_UNKNOWN = "check-unknown", "Check block assertion known after apply",
        "An assertion of a check block depends on what only the apply will tell.";
    INVALID_CONDITION = "invalid-condition-result", "Invalid condition result",
        "A condition is true or false.";
    EPHEMERAL_ARGUMENT = "ephemeral-argument", "Invalid use of ephemeral value",
        "An argument that is stored is given what must not be stored.";
    INFINITE = "infinite-number", "Invalid number",
        "A number that is stored is infinite (the result of a division by zero), and JSON has no such number.";
    CANNOT_DESTROY = "cannot-destroy", "Instance cannot be destroyed",
        "A resource with `prevent_destroy` would be destroyed by the plan.";
    PROVIDER_PLAN = "provider-invalid-plan", "Provider produced invalid plan",
        "A provider planned something that the configuration does not allow. This is a mistake of the provider.";
    PROVIDER_FINAL_PLAN = "provider-inconsistent-plan", "Provider produced inconsistent final plan",
        "While applying, a provider planned something else than was shown before. This is a mistake of the provider.";
    PROVIDER_RESULT = "provider-inconsistent-result", "Provider produced inconsistent result after apply",
        "A provider made something else than it had planned. This is a mistake of the provider.";
    PROVIDER_OBJECT = "provider-invalid-object", "Provider produced invalid object",
        "A provider gave an object that its own schema does not allow. This is a mistake of the provider.";
    PROVIDER_ISSUE = "provider-issue", "Provider error",
        "A provider reported something in its own words.";
    STATE_DECODE = "state-decode", "Failed to decode resource from state",
        "What is remembered of an object does not fit the schema of its type.";
    RESOURCE_UPGRADE = "state-upgrade", "Failed to upgrade resource state",
        "What is remembered of an object was stored by a newer provider, or cannot be upgraded.";
    IMPORT_EXISTS = "import-exists", "Resource already managed by dokplan",
        "An object is remembered at the address already.";
    IMPORT_NO_CONFIG = "import-no-config", "Configuration for import target does not exist",
        "An import block names a resource that is not declared.";
    IMPORT_ID = "invalid-import-id", "Invalid import id argument",
        "The id of an import is a string that is known and not empty.";
    IMPORT_MISSING = "import-missing", "Cannot import non-existent remote object",
        "No object answers to the id of an import.";
    IMPORT_MULTIPLE = "import-multiple", "Multiple import blocks for the same resource",
        "Two import blocks name the same instance.";
    MOVE_EXISTS = "moved-still-exists", "Moved object still exists",
        "A `moved` block says that something has another address now, but it is still declared under the old one.";
    MOVE_REDUNDANT = "moved-redundant", "Redundant move statement",
        "A `moved` block moves something to where it is.";
    MOVE_AMBIGUOUS = "moved-ambiguous", "Ambiguous move statements",
        "Two `moved` blocks move one thing to two places, or two things to one.";
    MOVE_CYCLE = "moved-cycle", "Cyclic dependency in move statements",
        "`moved` blocks move things in a circle.";
    MOVE_BLOCKED = "moved-blocked", "Unresolved resource instance address changes",
        "Something could not be moved because its new address is taken.";
    REMOVED_EXISTS = "removed-still-exists", "Removed resource still exists",
        "A `removed` block names a resource that is still declared.";
    REMOVED_MODULE_EXISTS = "removed-module-still-exists", "Removed module still exists",
        "A `removed` block names a module that is still called.";
    REPLACE_TRIGGER = "invalid-replace-trigger", "Invalid replace_triggered_by expression",
        "`replace_triggered_by` names resources, instances, or attributes of them.";
    REPLACE_TRIGGER_REFERENCE = "undeclared-replace-trigger", "Reference to undeclared resource",
        "`replace_triggered_by` names a resource that is not declared.";
    TARGETING = "targeting", "Resource targeting is in effect",
        "The plan covers only a part of the configuration.";
    TARGETING_APPLY = "targeting-apply", "Applied changes may be incomplete",
        "Only a part of the configuration was applied.";
    FORCE_REPLACE = "force-replace-incomplete", "Incompletely-matched force-replace resource instance",
        "`-replace` names a resource with many instances without saying which.";
    REDUNDANT_IGNORE = "redundant-ignore-changes", "Redundant ignore_changes element",
        "An attribute in `ignore_changes` is decided by the provider alone, so that ignoring it does nothing.";
    STATE_WRITE = "state-write", "Failed to persist state",
        "The new state could not be stored.";
    RESOURCE_REFRESH = "invalid-address", "No such resource instance",
        "Nothing is remembered at this address.";
    PROVISIONER = "provisioner-error", "provisioner error",
        "A provisioner failed.";
    PROVISIONER_UNKNOWN = "provisioner-unknown", "Unsupported provisioner type",
        "Nobody here runs provisioners of this type.";
    MISSING_RESOURCE_VALUE = "missing-resource-instance", "Missing resource instance",
        "An expression needs an instance that does not exist now.";
    FORGOTTEN = "forgotten-objects", "Some objects will no longer be managed by dokplan",
        "A `removed` block with `destroy = false` ends the management of objects that stay as they are.";
    FOLLOW_UP_LEFT = "follow-up-left", "Stopped while waiting",
        "Nobody waits any more for what follows a change, such as a deployment. It goes on by itself, and the next apply does it once more.";
    TEST_ASSERTION = "test-assertion", "Test assertion failed",
        "An assertion of a test does not hold.";
    TEST_UNKNOWN = "test-unknown-condition", "Unknown condition value",
        "An assertion of a run that only plans depends on something that only an apply tells.";
    TEST_REFERENCE = "test-reference", "Invalid reference",
        "An expression of a test file names something that has no value there.";
    UNKNOWN_CREATE = "maybe-created", "Create with unknown outcome",
        "A run ended between asking for an object and learning of it, so that an object may exist that nobody remembers.";
    ALLOCATION = "apply-expansion", "Configuration changed between plan and apply",
        "While applying, a block has other instances than while planning.";
}

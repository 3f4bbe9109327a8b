//! The command line: Terraform's forms (`-chdir=x`, `-var 'a=b'`) rewritten to clap's, then clap.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

/// Plans and applies existing Terraform configuration for Dokploy: faster, safer, clearer.
#[derive(Debug, Parser)]
#[command(
    name = "dokplan",
    disable_version_flag = true,
    disable_help_subcommand = true,
    args_override_self = true
)]
pub(crate) struct Cli {
    /// Work in another directory.
    #[arg(long, value_name = "DIR", global = true)]
    pub chdir: Option<PathBuf>,
    /// Show the version.
    #[arg(long, short = 'v')]
    pub version: bool,
    /// Run against the embedded Dokploy, kept in .dokplan/sandbox.json.
    #[arg(long, global = true)]
    pub sandbox: bool,
    /// For configuration that nobody has read yet: no commands, no files outside the directory of the configuration (or
    /// DIR), no other Dokploy than that of the environment.
    #[arg(long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "", value_name = "DIR")]
    pub restricted: Option<String>,
    /// Teach the shells of this user to complete dokplan.
    #[arg(long)]
    pub install_autocomplete: bool,
    /// Take that away again.
    #[arg(long)]
    pub uninstall_autocomplete: bool,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prepare the working directory.
    Init(InitArgs),
    /// Check whether the configuration is valid.
    Validate(ValidateArgs),
    /// Show what an apply would change.
    #[command(
        after_help = "Exit codes with -detailed-exitcode: 0 where nothing changes, 1 after an error, 2 where something changes."
    )]
    Plan(PlanArgs),
    /// Make the changes of a plan.
    Apply(ApplyArgs),
    /// Destroy everything that the state remembers.
    Destroy(ApplyArgs),
    /// Update the state from the real objects.
    Refresh(RefreshArgs),
    /// Take an existing object under management.
    Import(ImportArgs),
    /// Write configuration for everything that exists, to be imported.
    Discover(DiscoverArgs),
    /// Show the state or a saved plan.
    Show(ShowArgs),
    /// Show output values.
    Output(OutputArgs),
    /// Look at and change the state.
    State {
        #[command(subcommand)]
        command: StateCommand,
    },
    /// Evaluate expressions.
    Console(ConsoleArgs),
    /// Lay out configuration files.
    #[command(
        after_help = "Exit codes: 0 when done, 2 where a file cannot be read or parsed, 3 with -check where a file is not laid out."
    )]
    Fmt(FmtArgs),
    /// Run the tests in *.tftest.hcl files.
    Test(TestArgs),
    /// Show the graph of dependencies (DOT).
    Graph(GraphArgs),
    /// Mark an object to be replaced.
    Taint(TaintArgs),
    /// Take such a mark away.
    Untaint(TaintArgs),
    /// Keep several states for one configuration.
    Workspace {
        #[command(subcommand)]
        command: WorkspaceCommand,
    },
    /// Show which providers are needed.
    Providers(ProvidersArgs),
    /// Show which modules are declared.
    Modules(ModulesArgs),
    /// Check that modules are there.
    Get(GetArgs),
    /// Show what the language has.
    Metadata {
        #[command(subcommand)]
        command: MetadataCommand,
    },
    /// Release the lock of a process that is dead.
    ForceUnlock(ForceUnlockArgs),
    /// Store the API key of a Dokploy, for provider blocks without one.
    Login(LoginArgs),
    /// Forget a stored API key.
    Logout(LogoutArgs),
    /// Show the version.
    Version(VersionArgs),
    /// The embedded Dokploy.
    Sandbox {
        #[command(subcommand)]
        command: SandboxCommand,
    },
}

/// A flag that can be turned off: `-refresh=false`.
macro_rules! switch {
    ($(#[$meta:meta])* $name:ident, $field:ident, $default:literal, $help:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Args)]
        pub(crate) struct $name {
            #[doc = $help]
            #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value = $default, default_missing_value = "true", value_name = "BOOL")]
            pub $field: bool,
        }
    };
}

switch!(/// `-input`.
    Input, input, "true", "Ask for what is missing, if there is a terminal.");
switch!(/// `-refresh`.
    Refresh, refresh, "true", "Read the real objects first.");

/// No colours.
#[derive(Debug, Clone, Args)]
pub(crate) struct ColorArgs {
    /// No colours and no graphics.
    #[arg(long)]
    pub no_color: bool,
}

/// Where the state is and how it is locked.
#[derive(Debug, Clone, Args)]
pub(crate) struct StateArgs {
    /// The state file to read (and to write, unless -state-out is given).
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// The state file to write.
    #[arg(long, value_name = "FILE")]
    pub state_out: Option<PathBuf>,
    /// Where to keep the state before; "-" for nowhere.
    #[arg(long, value_name = "FILE")]
    pub backup: Option<PathBuf>,
    /// Hold the state's lock.
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", value_name = "BOOL")]
    pub lock: bool,
    /// How long to wait for a lock: 10s, 2m.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub lock_timeout: String,
}

fn duration(text: &str) -> Result<String, String> {
    match crate::load::duration(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("write a number with a unit: 500ms, 10s, 2m".to_owned()),
    }
}

/// Values of variables.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct VarArgs {
    /// Set a variable: name=value.
    #[arg(long = "var", value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pub var: Vec<String>,
    /// Read variables from a file.
    #[arg(long, value_name = "FILE")]
    pub var_file: Vec<String>,
}

/// What a plan looks at.
#[derive(Debug, Clone, Args)]
pub(crate) struct SelectArgs {
    /// Plan to destroy everything.
    #[arg(long)]
    pub destroy: bool,
    /// Only update the state.
    #[arg(long)]
    pub refresh_only: bool,
    #[command(flatten)]
    pub refresh: Refresh,
    /// Replace this object.
    #[arg(long, value_name = "ADDRESS")]
    pub replace: Vec<String>,
    /// Only this, and what it needs.
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// Everything but this, and what needs it.
    #[arg(long, value_name = "ADDRESS")]
    pub exclude: Vec<String>,
    /// How many requests at once.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub parallelism: usize,
}

/// `init`.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// The directory with test files, besides that of the configuration.
    #[arg(long, value_name = "DIR", default_value = "tests")]
    pub test_directory: String,
    #[command(flatten)]
    pub input: Input,
    /// Configure the backend (it is checked, there is nothing to install).
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", value_name = "BOOL")]
    pub backend: bool,
    /// Arguments of the backend: name=value, or a file.
    #[arg(long, value_name = "CONFIG")]
    pub backend_config: Vec<String>,
    /// Forget the backend used before.
    #[arg(long)]
    pub reconfigure: bool,
    /// Take the state along to another backend.
    #[arg(long)]
    pub migrate_state: bool,
    /// List all modules, also those that have not changed; there is nothing to download.
    #[arg(long)]
    pub upgrade: bool,
    /// Take the state along to another backend without a question.
    #[arg(long)]
    pub force_copy: bool,
    /// Begin with a copy of the module in this directory.
    #[arg(long, value_name = "DIR")]
    pub from_module: Option<String>,
    /// Check modules (they are local: nothing is downloaded).
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", value_name = "BOOL")]
    pub get: bool,
    /// Accepted for compatibility: the lock file is never changed.
    #[arg(long, value_name = "MODE")]
    pub lockfile: Option<String>,
    /// Accepted for compatibility.
    #[arg(long, value_name = "DIR")]
    pub plugin_dir: Vec<PathBuf>,
    /// Accepted for compatibility.
    #[arg(long)]
    pub ignore_remote_version: bool,
    #[command(flatten)]
    pub vars: VarArgs,
    #[command(flatten)]
    pub state: StateArgs,
    /// Machine-readable output.
    #[arg(long)]
    pub json: bool,
}

/// `validate`.
#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// Machine-readable output.
    #[arg(long)]
    pub json: bool,
    /// Do not look at test files.
    #[arg(long)]
    pub no_tests: bool,
    /// The directory with test files, besides that of the configuration.
    #[arg(long, value_name = "DIR", default_value = "tests")]
    pub test_directory: String,
}

/// `plan`.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub vars: VarArgs,
    #[command(flatten)]
    pub state: StateArgs,
    /// Write the plan to this file.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit with 2 if there are changes.
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// One line a warning.
    #[arg(long)]
    pub compact_warnings: bool,
    /// Write configuration for imports that have none to this file.
    #[arg(long, value_name = "FILE")]
    pub generate_config_out: Option<PathBuf>,
    /// Machine-readable output.
    #[arg(long)]
    pub json: bool,
}

/// `apply` and `destroy`.
#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub vars: VarArgs,
    #[command(flatten)]
    pub state: StateArgs,
    /// Do not ask.
    #[arg(long)]
    pub auto_approve: bool,
    /// One line a warning.
    #[arg(long)]
    pub compact_warnings: bool,
    /// Machine-readable output.
    #[arg(long)]
    pub json: bool,
    /// A saved plan.
    pub plan: Option<PathBuf>,
    /// Set by `refresh`, which is an apply that shows less.
    #[arg(skip)]
    pub is_refresh: bool,
    /// Set by `destroy`, whose last words are its own.
    #[arg(skip)]
    pub is_destroy: bool,
}

/// `refresh`.
#[derive(Debug, Args)]
pub(crate) struct RefreshArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub vars: VarArgs,
    #[command(flatten)]
    pub state: StateArgs,
    /// Only this, and what it needs.
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// How many requests at once.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub parallelism: usize,
    /// One line a warning.
    #[arg(long)]
    pub compact_warnings: bool,
    /// Machine-readable output.
    #[arg(long)]
    pub json: bool,
}

/// `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub vars: VarArgs,
    #[command(flatten)]
    pub state: StateArgs,
    /// How many requests at once.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub parallelism: usize,
    /// Accepted for compatibility: the directory of the configuration.
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// Accepted for compatibility.
    #[arg(long)]
    pub ignore_remote_version: bool,
    /// Where it is declared.
    pub address: String,
    /// Its id. Ids of Dokploy may begin with a dash.
    #[arg(allow_hyphen_values = true)]
    pub id: String,
}

/// `discover`.
#[derive(Debug, Args)]
pub(crate) struct DiscoverArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub vars: VarArgs,
    /// The directory to write to; it must not hold configuration yet.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Only objects of this resource type; several times for several.
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Vec<String>,
    /// Only what lies in the project of this name; several times for several.
    #[arg(long, value_name = "NAME")]
    pub project: Vec<String>,
    /// How many requests at once.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub parallelism: usize,
    /// Machine-readable output.
    #[arg(long)]
    pub json: bool,
}

/// `show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// Machine-readable output.
    #[arg(long)]
    pub json: bool,
    /// A state file or a saved plan; the current state if left out.
    pub file: Option<PathBuf>,
}

/// `output`.
#[derive(Debug, Args)]
pub(crate) struct OutputArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// The state file to read.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Machine-readable output.
    #[arg(long)]
    pub json: bool,
    /// The text of one output without quotes.
    #[arg(long)]
    pub raw: bool,
    /// Which; all if left out.
    pub name: Vec<String>,
}

/// What every state command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct StateFileArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    #[command(flatten)]
    pub state: StateArgs,
    /// Where the target's version before goes.
    #[arg(long, value_name = "FILE")]
    pub backup_out: Option<PathBuf>,
    /// Accepted for compatibility.
    #[arg(long)]
    pub ignore_remote_version: bool,
}

/// `state …`.
#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// List what the state remembers.
    List {
        #[command(flatten)]
        color: ColorArgs,
        /// The state file to read.
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        /// Only the objects with this id.
        #[arg(long, value_name = "ID", allow_hyphen_values = true)]
        id: Option<String>,
        /// Only these.
        addresses: Vec<String>,
    },
    /// Show one object.
    Show {
        #[command(flatten)]
        color: ColorArgs,
        /// The state file to read.
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        /// Which.
        address: String,
    },
    /// Forget objects without destroying them.
    Rm {
        #[command(flatten)]
        file: StateFileArgs,
        /// Only say what would be forgotten.
        #[arg(long)]
        dry_run: bool,
        /// Which.
        #[arg(required = true)]
        addresses: Vec<String>,
    },
    /// Give an object another address.
    Mv {
        #[command(flatten)]
        file: StateFileArgs,
        /// Only say what would be moved.
        #[arg(long)]
        dry_run: bool,
        /// The address now.
        source: String,
        /// The address to be.
        destination: String,
    },
    /// Print the state file.
    Pull {
        #[command(flatten)]
        color: ColorArgs,
        /// Ignored.
        #[arg(hide = true)]
        rest: Vec<String>,
    },
    /// Store a state file as the state.
    Push {
        #[command(flatten)]
        file: StateFileArgs,
        /// Also where lineage or serial speak against it.
        #[arg(long)]
        force: bool,
        /// Which file; "-" for standard input.
        path: String,
    },
    /// List the versions of the state that are kept, and what each changed.
    History {
        #[command(flatten)]
        color: ColorArgs,
        /// The state file whose versions to list.
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        /// Machine-readable output.
        #[arg(long)]
        json: bool,
    },
    /// Go back to an earlier version of the state. Servers are not touched.
    Undo {
        #[command(flatten)]
        file: StateFileArgs,
        /// Do not ask.
        #[arg(long)]
        auto_approve: bool,
        /// Which version, by its number in the history; the one before the present if left out.
        number: Option<u64>,
    },
    /// Give objects to another provider.
    ReplaceProvider {
        #[command(flatten)]
        file: StateFileArgs,
        /// Do not ask.
        #[arg(long)]
        auto_approve: bool,
        /// The provider now.
        from: String,
        /// The provider to be.
        to: String,
    },
}

/// `taint` and `untaint`.
#[derive(Debug, Args)]
pub(crate) struct TaintArgs {
    #[command(flatten)]
    pub file: StateFileArgs,
    /// No error where there is no such object.
    #[arg(long)]
    pub allow_missing: bool,
    /// Which.
    pub address: String,
}

/// `workspace …`.
#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// List workspaces.
    List {
        #[command(flatten)]
        color: ColorArgs,
    },
    /// Show the selected one.
    Show {
        #[command(flatten)]
        color: ColorArgs,
        /// Ignored.
        #[arg(hide = true)]
        rest: Vec<String>,
    },
    /// Make one and select it.
    New {
        #[command(flatten)]
        file: StateFileArgs,
        /// Its name.
        name: String,
    },
    /// Select one.
    Select {
        #[command(flatten)]
        color: ColorArgs,
        /// Make it if there is none.
        #[arg(long)]
        or_create: bool,
        /// Its name.
        name: String,
    },
    /// Delete one.
    Delete {
        #[command(flatten)]
        file: StateFileArgs,
        /// Also if its state still remembers objects.
        #[arg(long)]
        force: bool,
        /// Its name.
        name: String,
    },
}

/// `providers`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ProvidersArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// Accepted for compatibility: test files need no provider that is not here.
    #[arg(long, value_name = "DIR", default_value = "tests")]
    pub test_directory: String,
    #[command(subcommand)]
    pub command: Option<ProvidersCommand>,
}

/// `providers …`.
#[derive(Debug, Subcommand)]
pub(crate) enum ProvidersCommand {
    /// Show what providers manage, as JSON.
    Schema {
        #[command(flatten)]
        color: ColorArgs,
        /// Machine-readable output, the only kind.
        #[arg(long)]
        json: bool,
        /// Ignored.
        #[arg(hide = true)]
        rest: Vec<String>,
    },
    /// Check that the lock file has nothing to hold: providers are part of dokplan.
    Lock {
        #[command(flatten)]
        color: ColorArgs,
        /// Accepted for compatibility.
        #[arg(long, value_name = "PLATFORM")]
        platform: Vec<String>,
        /// Accepted for compatibility.
        #[arg(long, value_name = "DIR")]
        fs_mirror: Option<PathBuf>,
        /// Accepted for compatibility.
        #[arg(long, value_name = "URL")]
        net_mirror: Option<String>,
        /// Accepted for compatibility.
        #[arg(long)]
        enable_plugin_cache: bool,
        /// Only these.
        providers: Vec<String>,
    },
    /// Copy providers into a directory: those of dokplan are part of it, so that there is none to copy.
    Mirror {
        #[command(flatten)]
        color: ColorArgs,
        /// Accepted for compatibility.
        #[arg(long, value_name = "PLATFORM")]
        platform: Vec<String>,
        /// Accepted for compatibility.
        #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", value_name = "BOOL")]
        lock_file: bool,
        /// Where to.
        directory: PathBuf,
    },
}

/// `modules`.
#[derive(Debug, Args)]
pub(crate) struct ModulesArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// Machine-readable output.
    #[arg(long)]
    pub json: bool,
}

/// `get`.
#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// Accepted for compatibility.
    #[arg(long)]
    pub update: bool,
    /// Accepted for compatibility: modules of test files are checked by `init`.
    #[arg(long, value_name = "DIR", default_value = "tests")]
    pub test_directory: String,
}

/// `force-unlock`.
#[derive(Debug, Args)]
pub(crate) struct ForceUnlockArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// Do not ask.
    #[arg(long)]
    pub force: bool,
    /// The id of the lock, from the message.
    pub id: String,
}

/// `login`.
#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// The host, or a URL; that of DOKPLOY_HOST if left out.
    pub hostname: Option<String>,
}

/// `logout`.
#[derive(Debug, Args)]
pub(crate) struct LogoutArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// The host, or a URL; that of DOKPLOY_HOST if left out.
    pub hostname: Option<String>,
}

/// `metadata …`.
#[derive(Debug, Subcommand)]
pub(crate) enum MetadataCommand {
    /// Show the functions of the language, as JSON.
    Functions {
        #[command(flatten)]
        color: ColorArgs,
        /// Machine-readable output, the only kind.
        #[arg(long)]
        json: bool,
        /// Ignored.
        #[arg(hide = true)]
        rest: Vec<String>,
    },
}

/// `console`.
#[derive(Debug, Args)]
pub(crate) struct ConsoleArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    #[command(flatten)]
    pub vars: VarArgs,
    #[command(flatten)]
    pub state: StateArgs,
    /// Evaluate over a plan instead of the state.
    #[arg(long)]
    pub plan: bool,
}

/// `test`.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    #[command(flatten)]
    pub vars: VarArgs,
    /// Run only this test file; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub filter: Vec<String>,
    /// Machine-readable output.
    #[arg(long)]
    pub json: bool,
    /// The directory with test files, besides that of the configuration.
    #[arg(long, value_name = "DIR", default_value = "tests")]
    pub test_directory: String,
    /// Write what came of the runs to this file too, as JUnit XML.
    #[arg(long, value_name = "FILE")]
    pub junit_xml: Option<PathBuf>,
    /// Accepted for compatibility: there is no cloud to run tests in.
    #[arg(long, value_name = "SOURCE")]
    pub cloud_run: Option<String>,
    /// Show the plan or the state of each run.
    #[arg(long)]
    pub verbose: bool,
    /// How many operations at once.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub parallelism: usize,
    /// Ignored, with a word about it.
    #[arg(hide = true)]
    pub rest: Vec<String>,
}

/// `fmt`.
#[derive(Debug, Args)]
pub(crate) struct FmtArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// Only say whether files would change (exit code 3).
    #[arg(long)]
    pub check: bool,
    /// Show the differences.
    #[arg(long)]
    pub diff: bool,
    /// List the files that change.
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", value_name = "BOOL")]
    pub list: bool,
    /// Write the files.
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", value_name = "BOOL")]
    pub write: bool,
    /// Directories inside too.
    #[arg(long)]
    pub recursive: bool,
    /// Files or directories; "-" for standard input.
    pub paths: Vec<String>,
}

/// `graph`.
#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// Accepted for compatibility: modules are always shown as deep as they are.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub module_depth: Option<i64>,
    /// `plan` for all kinds of nodes; resources only if left out.
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// Of a saved plan.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Accepted for compatibility.
    #[arg(long)]
    pub draw_cycles: bool,
}

/// `version`.
#[derive(Debug, Args)]
pub(crate) struct VersionArgs {
    #[command(flatten)]
    pub color: ColorArgs,
    /// Machine-readable output.
    #[arg(long)]
    pub json: bool,
    /// Ignored.
    #[arg(hide = true)]
    pub rest: Vec<String>,
}

/// `sandbox …`.
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Serve the embedded Dokploy over HTTP on loopback until Ctrl-C.
    Serve {
        /// The port; a free one if 0.
        #[arg(long, default_value_t = 3000)]
        port: u16,
        /// The version of Dokploy that it pretends to be.
        #[arg(long, default_value = "v0.30.2")]
        version: String,
    },
    /// Show what it holds, as JSON.
    Show,
    /// Empty it.
    Reset,
}

/// The arguments with Terraform's long options (one dash) in clap's form (two dashes), and those of `TF_CLI_ARGS` and
/// `TF_CLI_ARGS_name` put in behind the command.
pub(crate) fn normalise(
    args: Vec<std::ffi::OsString>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Vec<std::ffi::OsString> {
    let mut args = args.into_iter();
    let mut res: Vec<std::ffi::OsString> = args.next().into_iter().collect();
    let mut rest: Vec<std::ffi::OsString> = args.collect();
    let command_at = rest
        .iter()
        .position(|it| !it.to_string_lossy().starts_with('-'));
    if let Some(at) = command_at {
        let name = rest[at].to_string_lossy().into_owned();
        let nested =
            ["state", "workspace", "providers", "metadata", "sandbox"].contains(&name.as_str());
        let sub = rest
            .get(at + 1)
            .map(|it| it.to_string_lossy().into_owned())
            .filter(|it| nested && !it.starts_with('-'));
        let (insert_at, key) = match sub {
            Some(sub) => (
                at + 2,
                format!("TF_CLI_ARGS_{name}_{}", sub.replace('-', "_")),
            ),
            None => (at + 1, format!("TF_CLI_ARGS_{}", name.replace('-', "_"))),
        };
        let more: Vec<std::ffi::OsString> = ["TF_CLI_ARGS".to_owned(), key]
            .iter()
            .filter_map(|it| env(it))
            .flat_map(|it| shell_words(&it))
            .map(Into::into)
            .collect();
        rest.splice(insert_at..insert_at, more);
    }
    let words: Vec<String> = std::iter::once(String::new())
        .chain(rest.iter().map(|it| it.to_string_lossy().into_owned()))
        .collect();
    let path = crate::usage::path(&words);
    let mut plain = false;
    for arg in rest {
        let text = arg.to_string_lossy();
        if plain || !text.starts_with('-') || text.len() <= 2 {
            plain |= text == "--";
            res.push(arg);
            continue;
        }
        let bare = text.trim_start_matches('-');
        let (name, value) = bare.split_once('=').unzip();
        let name = name.unwrap_or(bare);
        // Ids of Dokploy may begin with a dash: only what looks like an option is one.
        match (kind(&path, name), value.map(boolean)) {
            (Kind::Other, _) => res.push(arg),
            (Kind::Flag, Some(Some(on))) => {
                let flag = std::ffi::OsString::from(format!("--{name}"));
                res.retain(|it| *it != flag);
                if on {
                    res.push(flag);
                }
            }
            (Kind::Switch, Some(Some(on))) => res.push(format!("--{name}={on}").into()),
            _ => res.push(format!("--{bare}").into()),
        }
    }
    res
}

/// The definition of the whole command line, made once.
pub(crate) fn definition() -> &'static clap::Command {
    static COMMAND: std::sync::LazyLock<clap::Command> =
        std::sync::LazyLock::new(<Cli as clap::CommandFactory>::command);
    &COMMAND
}

/// A truth value as Go's flags read it.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// What an option is, by the commands that have it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No command has it.
    Other,
    /// Off unless it is there.
    Flag,
    /// On unless it is turned off.
    Switch,
    /// It has a value.
    Valued,
}

/// What the option of a name is to a command, named by its path.
fn kind(path: &[String], name: &str) -> Kind {
    fn own(command: &clap::Command, name: &str) -> Option<Kind> {
        let it = command
            .get_arguments()
            .find(|it| it.get_long() == Some(name))?;
        Some(match it.get_action() {
            ArgAction::SetTrue => Kind::Flag,
            _ if it.get_default_values().iter().any(|it| it == "true") => Kind::Switch,
            _ => Kind::Valued,
        })
    }
    fn is_known(command: &clap::Command, name: &str) -> bool {
        own(command, name).is_some() || command.get_subcommands().any(|it| is_known(it, name))
    }
    let root = definition();
    own(crate::usage::command(path), name)
        .or_else(|| own(root, name))
        .unwrap_or(if is_known(root, name) {
            Kind::Valued
        } else {
            Kind::Other
        })
}

/// Splits as a shell does: spaces, quotes, backslashes.
pub(crate) fn shell_words(text: &str) -> Vec<String> {
    let mut res = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => {
                if let Some(next) = chars.next() {
                    word.get_or_insert_default().push(next);
                }
            }
            (None, c) if c.is_whitespace() => res.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    res.extend(word);
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(args: &[&str], env: &[(&str, &str)], expected: &[&str]) {
        let env = |name: &str| {
            env.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let args = std::iter::once("dokplan")
            .chain(args.iter().copied())
            .map(Into::into)
            .collect();
        let res: Vec<String> = normalise(args, &env)
            .iter()
            .skip(1)
            .map(|it| it.to_string_lossy().into_owned())
            .collect();
        assert_eq!(res, expected);
    }

    #[test]
    fn one_dash_becomes_two() {
        check(
            &["-chdir=x", "plan", "-var", "a=b"],
            &[],
            &["--chdir=x", "plan", "--var", "a=b"],
        );
        check(
            &["plan", "--out=x", "-refresh=false"],
            &[],
            &["plan", "--out=x", "--refresh=false"],
        );
    }

    #[test]
    fn ids_with_a_dash_stay() {
        check(
            &["import", "a.b", "-z1N3Ij0nrPj"],
            &[],
            &["import", "a.b", "-z1N3Ij0nrPj"],
        );
    }

    #[test]
    fn switches_take_truth_values_and_the_last_counts() {
        check(
            &["plan", "-json=true", "-destroy=F", "-lock=0", "-refresh"],
            &[],
            &["plan", "--json", "--lock=false", "--refresh"],
        );
        check(
            &["plan", "-json", "-json=false", "-destroy=perhaps"],
            &[],
            &["plan", "--destroy=perhaps"],
        );
    }

    #[test]
    fn an_option_is_what_its_command_says() {
        // With a value to `graph`, without to `console`.
        check(&["console", "-plan=f"], &[], &["console"]);
        check(&["graph", "-plan=f"], &[], &["graph", "--plan=f"]);
    }

    #[test]
    fn environment_adds_arguments() {
        check(
            &["plan", "-out=x"],
            &[
                ("TF_CLI_ARGS", "-no-color"),
                ("TF_CLI_ARGS_plan", "-var 'a=b c'"),
            ],
            &["plan", "--no-color", "--var", "a=b c", "--out=x"],
        );
        check(
            &["state", "list"],
            &[("TF_CLI_ARGS_state_list", "-id=x")],
            &["state", "list", "--id=x"],
        );
    }
}

//! `taint` and `untaint`: marks an object to be replaced by the next apply, or takes the mark away.

use std::sync::Arc;

use ::state::Status;
use diag::Diagnostic;

use crate::args::TaintArgs;
use crate::exit::Outcome;
use crate::session::Session;
use crate::ui;

mod code {
    use diag::Code;

    /// See [`Code`].
    pub(crate) const NOT_THERE: Code = Code::new(
        "taint-not-there",
        "No such resource instance",
        "The state holds no object at the address. Addresses of instances have their key: `terraform_data.a[0]`.",
    );
    /// See [`Code`].
    pub(crate) const NOT_TAINTED: Code = Code::new(
        "not-tainted",
        "Resource instance is not tainted",
        "There is no mark to take away: the next apply would not replace the object.",
    );
}

/// Sets or removes the mark.
pub(crate) async fn taint(session: &mut Session, args: &TaintArgs, wanted: bool) -> Outcome {
    let operation = if wanted { "taint" } else { "untaint" };
    super::state::edit(session, &args.file, operation, |session, editing| {
        let state = &mut editing.state;
        let found =
            crate::operation::instances(session, std::slice::from_ref(&args.address), operation)?;
        if let Some(addr) = found.first()
            && addr.resource.mode != addr::Mode::Managed
        {
            return crate::ui::refuse(&format!(
                "{addr} is read and not created, so that it cannot be {operation}ed.\n"
            ));
        }
        let target = found.first().and_then(|addr| {
            let resource = state.resources.get(&addr.absolute())?;
            Some((
                addr.clone(),
                resource.provider.clone(),
                resource.instances.get(&addr.key)?.current.clone()?,
            ))
        });
        let Some((addr, provider, object)) = target else {
            let detail = format!(
                "The state holds no object at {}. \"dokplan state list\" shows what it holds.",
                args.address
            );
            if args.allow_missing {
                session.show(&Diagnostic::warning(&code::NOT_THERE, detail).into());
                return Ok(false);
            }
            return session.fail(Diagnostic::error(&code::NOT_THERE, detail));
        };
        if !wanted && object.status != Status::Tainted {
            return session.fail(Diagnostic::error(
                &code::NOT_TAINTED,
                format!("The object at {addr} is not marked to be replaced, so there is nothing to take away."),
            ));
        }
        let status = if wanted {
            Status::Tainted
        } else {
            Status::Ready
        };
        let changed = ::state::Object {
            status,
            ..(*object).clone()
        };
        state.set_object(
            &addr,
            &addr::ObjectKey::Current,
            &provider,
            Some(Arc::new(changed)),
        );
        ui::out(&if wanted {
            format!("Resource instance {addr} is marked: the next apply replaces it.\n")
        } else {
            format!("Resource instance {addr} is not marked any more.\n")
        });
        Ok(true)
    })
    .await
}

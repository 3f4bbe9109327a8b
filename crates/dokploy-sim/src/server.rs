//! The simulator over HTTP, on loopback only: it holds no secrets of worth, but its faults are for its owner.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, State};
use axum::http;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::message::{Request, Response};
use crate::protocol::BODY_LIMIT;
use crate::sim::Sim;

/// Why the simulator cannot be served.
#[derive(Debug)]
pub enum ServeError {
    /// The address can be reached from other machines.
    NotLoopback(SocketAddr),
    /// The listener does not work.
    Io(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServeError::NotLoopback(address) => write!(
                f,
                "the sandbox is served on loopback addresses only, not on {address}: use 127.0.0.1 or [::1]"
            ),
            ServeError::Io(error) => write!(f, "the sandbox cannot listen: {error}"),
        }
    }
}

impl std::error::Error for ServeError {}

/// A running server. It stops when the handle is dropped.
#[derive(Debug)]
pub struct Handle {
    /// The address that it listens on.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Handle {
    /// Waits until the server ends by itself, which it does only if its listener fails.
    pub async fn wait(&mut self) {
        // A task that panicked has ended too.
        let _ = (&mut self.task).await;
    }

    /// Stops listening and waits for the calls under way.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            // The receiver is gone only when the server has ended.
            let _ = stop.send(());
        }
        self.wait().await;
    }
}

/// Serves a simulator. Returns at once; the server runs as a task of the current tokio runtime.
pub async fn serve(sim: Sim, listener: std::net::TcpListener) -> Result<Handle, ServeError> {
    let address = listener.local_addr().map_err(ServeError::Io)?;
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback(address));
    }
    listener.set_nonblocking(true).map_err(ServeError::Io)?;
    let listener = TcpListener::from_std(listener).map_err(ServeError::Io)?;
    let doorman = Doorman {
        listener,
        sim: sim.clone(),
    };
    let app = Router::new().fallback(respond).with_state(sim);
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(async move {
        let service = app.into_make_service_with_connect_info::<Fuse>();
        // A dropped handle counts as a wish to stop.
        let ended = async { _ = stopped.await };
        // The listener gives no errors of its own.
        let _ = axum::serve(doorman, service)
            .with_graceful_shutdown(ended)
            .await;
    });
    Ok(Handle {
        address,
        stop: Some(stop),
        task,
    })
}

async fn respond(
    State(sim): State<Sim>,
    ConnectInfo(fuse): ConnectInfo<Fuse>,
    request: http::Request<Body>,
) -> http::Response<Body> {
    let (head, body) = request.into_parts();
    // One byte above the limit is enough to be refused; the rest of a bigger body is not read.
    let body = match to_bytes(body, BODY_LIMIT + 1).await {
        Ok(body) => body.to_vec(),
        Err(_) => vec![b' '; BODY_LIMIT + 1],
    };
    let request = Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect(),
        body,
    };
    match sim.handle(request).await {
        Ok(response) => sent(response, &fuse),
        Err(_) => {
            fuse.cut_before(usize::MAX);
            http::Response::new(Body::empty())
        }
    }
}

/// The response for axum. One that is cut claims its whole length, and the connection breaks before its end.
fn sent(response: Response, fuse: &Fuse) -> http::Response<Body> {
    let mut body = response.body;
    if response.cut {
        let missing = body.len().max(1);
        body.resize(body.len() + missing, b' ');
        fuse.cut_before(missing);
    }
    let mut builder = http::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    // Our own headers are well-formed; were one not, an empty reply is still a reply.
    builder.body(Body::from(body)).unwrap_or_default()
}

/// Accepts connections, and drops them at once while the simulator is down.
struct Doorman {
    listener: TcpListener,
    sim: Sim,
}

impl Listener for Doorman {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        loop {
            // `Listener` for `TcpListener` waits a little after errors such as too many open files.
            let (stream, address) = Listener::accept(&mut self.listener).await;
            if !self.sim.is_down() {
                return (
                    Wire {
                        stream,
                        fuse: Fuse::default(),
                    },
                    address,
                );
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Breaks a connection from within a handler.
#[derive(Clone, Debug, Default)]
struct Fuse(Arc<FuseState>);

#[derive(Debug, Default)]
struct FuseState {
    is_lit: AtomicBool,
    /// How many bytes of the next write are not sent.
    missing: AtomicUsize,
}

impl Fuse {
    /// Breaks the connection within the next write, before this many of its last bytes.
    fn cut_before(&self, missing: usize) {
        self.0.missing.store(missing, Ordering::SeqCst);
        self.0.is_lit.store(true, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, Doorman>> for Fuse {
    fn connect_info(stream: IncomingStream<'_, Doorman>) -> Fuse {
        stream.io().fuse.clone()
    }
}

/// A connection with a fuse.
struct Wire {
    stream: TcpStream,
    fuse: Fuse,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !self.fuse.0.is_lit.load(Ordering::SeqCst) {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        }
        // Without vectored writes, the head and a small body come in one write.
        let missing = self.fuse.0.missing.swap(usize::MAX, Ordering::SeqCst);
        let kept = bytes
            .get(..bytes.len().saturating_sub(missing))
            .unwrap_or_default();
        if kept.is_empty() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, kept)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

//! The bytes of files over HTTP: forms that bring them in, answers that hand them out, whole or in part.
//!
//! Every HTTP door that takes or gives files comes here, so that limits and headers are the same at all of them. What went
//! wrong is handed back as it is; each door says it its own way.

pub mod body;
pub mod disposition;
pub mod form;
pub mod handing_out;
pub mod range;

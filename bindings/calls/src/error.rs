/// What can go wrong in a call, with a stable [`code`](CallError::code) that is the same in every language.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// What the core says.
    #[error(transparent)]
    Core(#[from] regulars::Error),
    /// What is wrong with a file.
    #[error(transparent)]
    Import(#[from] regulars_import::ImportError),
    /// A name that no call has, or none that can be made where it was.
    #[error("there is no call `{name}` here")]
    UnknownCall {
        /// The name as given.
        name: String,
    },
    /// An argument that the call cannot do without.
    #[error("the argument `{name}` is missing")]
    MissingArgument {
        /// The argument.
        name: String,
    },
    /// An argument that the call does not have.
    #[error("there is no argument `{name}` here")]
    UnknownArgument {
        /// The name as given.
        name: String,
    },
    /// An argument of another type than the call takes, or with a field that it does not have.
    #[error("`{name}`: {message}")]
    InvalidOption {
        /// The argument.
        name: String,
        /// What is wrong with it.
        message: String,
    },
}

impl CallError {
    /// The codes of this crate's own errors; the others are in [`regulars::Error::CODES`] and
    /// [`regulars_import::ImportError::CODES`].
    pub const CODES: &[&'static str] =
        &["unknown_call", "missing_argument", "unknown_argument", "invalid_option"];

    /// A stable name of the kind of error.
    ///
    /// ```
    /// let error = regulars_calls::call(None, "nothing", "").unwrap_err();
    /// assert_eq!(error.code(), "unknown_call");
    /// ```
    pub fn code(&self) -> &'static str {
        match self {
            CallError::Core(error) => error.code(),
            CallError::Import(error) => error.code(),
            CallError::UnknownCall { .. } => "unknown_call",
            CallError::MissingArgument { .. } => "missing_argument",
            CallError::UnknownArgument { .. } => "unknown_argument",
            CallError::InvalidOption { .. } => "invalid_option",
        }
    }
}

use regulars_import::meant;

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
    #[error("there is no argument `{name}` here{}", among(name, known))]
    UnknownArgument {
        /// The name as given.
        name: String,
        /// The arguments that there are.
        known: Vec<String>,
    },
    /// An option or a field of an argument that there is not.
    #[error("there is no option `{name}` here{}", among(name, known))]
    UnknownOption {
        /// Where it stands, as in `facts[2].kye`.
        name: String,
        /// The names that there are in this place.
        known: Vec<String>,
    },
    /// An argument that stands for something of the core's, such as a grain, with a text that does not.
    #[error("`{name}`: {source}")]
    InvalidText {
        /// Which, as in `grain`.
        name: String,
        /// What the core says.
        source: regulars::Error,
    },
    /// An argument or an option with a value that it cannot have.
    #[error("`{name}`: {message}")]
    InvalidOption {
        /// Which, as in `grain` or `facts[2].key`.
        name: String,
        /// What is wrong with it.
        message: String,
    },
}

/// The name that was meant, if one is alike, and those that there are.
fn among(name: &str, known: &[String]) -> String {
    if known.is_empty() {
        return String::new();
    }
    let name = name.rsplit('.').next().unwrap_or_default();
    let meant = match meant(name, known) {
        Some(meant) => format!(": did you mean `{meant}`? There are "),
        None => ": there are ".to_owned(),
    };
    format!("{meant}`{}`", known.join("`, `"))
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
            CallError::Core(error) | CallError::InvalidText { source: error, .. } => error.code(),
            CallError::Import(error) => error.code(),
            CallError::UnknownCall { .. } => "unknown_call",
            CallError::MissingArgument { .. } => "missing_argument",
            CallError::UnknownArgument { .. } => "unknown_argument",
            // A misspelt option is one with a value that cannot be: both stand in the same object.
            CallError::UnknownOption { .. } | CallError::InvalidOption { .. } => "invalid_option",
        }
    }

    /// The same error with the names of arguments and options as a language spells them.
    ///
    /// ```
    /// let error = regulars_calls::call(None, "rate", r#"{"numerator": 1, "denominatr": 2}"#).unwrap_err();
    /// assert_eq!(error.spelled(str::to_uppercase).to_string(), "the argument `DENOMINATOR` is missing");
    /// ```
    #[must_use]
    pub fn spelled(self, spell: impl Fn(&str) -> String) -> CallError {
        let all = |names: Vec<String>| names.iter().map(|name| spell(name)).collect();
        match self {
            CallError::MissingArgument { name } => CallError::MissingArgument { name: spell(&name) },
            CallError::UnknownArgument { name, known } => {
                CallError::UnknownArgument { name: spell(&name), known: all(known) }
            }
            CallError::UnknownOption { name, known } => {
                CallError::UnknownOption { name: spell(&name), known: all(known) }
            }
            CallError::InvalidText { name, source } => CallError::InvalidText { name: spell(&name), source },
            CallError::InvalidOption { name, message } => {
                CallError::InvalidOption { name: spell(&name), message }
            }
            other => other,
        }
    }
}

use std::fmt;

use passerelle_domain::Malformed;

/// Why a token is refused. No variant shows a value of the token: it may be personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than its kind may be.
    #[error("longer than {most} bytes")]
    TooLong {
        /// The longest it may be.
        most: usize,
    },
    /// Base64 padding (RFC 7515 §2 has none).
    #[error("padded with '='")]
    Padding,
    /// Blanks or line ends.
    #[error("holds white space")]
    WhiteSpace,
    /// Characters that are neither base64url nor the dot.
    #[error("holds a character that is not of base64url")]
    Alphabet,
    /// Not three parts.
    #[error("not of three parts")]
    Parts,
    /// A part with nothing in it.
    #[error("its {0} is empty")]
    EmptyPart(Part),
    /// A part that ends in the middle of a byte, or has bits after its last one.
    #[error("its {0} is not canonical base64url")]
    NotCanonical(Part),
    /// A part that is not one JSON object in UTF-8.
    #[error("its {0} is not one JSON object")]
    NotJson(Part),
    /// The header says something twice.
    #[error("its header has a member twice")]
    DuplicateHeader,
    /// The header points to a key or asks for an extension: `jku`, `x5u`, `x5c`, `jwk`, `crit`.
    #[error("its header has the member {0}, which is refused")]
    RefusedHeader(&'static str),
    /// The header says something else that we do not know.
    #[error("its header has a member other than alg, typ and kid")]
    UnknownHeader,
    /// The header lacks `alg`, `typ` or `kid`.
    #[error("its header has no {0}")]
    MissingHeader(&'static str),
    /// `alg`, `typ` or `kid` is no text.
    #[error("{0} in its header is not text")]
    MistypedHeader(&'static str),
    /// `alg` is neither EdDSA nor ES256.
    #[error("alg is neither EdDSA nor ES256")]
    Algorithm,
    /// `alg` is none that the configuration names for the issuer.
    #[error("alg is none that is configured for its issuer")]
    AlgorithmNotOfIssuer,
    /// Another kind of token.
    #[error("typ is not {expected}")]
    Type {
        /// The kind that is taken here.
        expected: &'static str,
    },
    /// `kid` is not 1 to 64 plain characters.
    #[error("kid is not 1 to 64 characters among A-Z, a-z, 0-9, ., _ and -")]
    Kid,
    /// A claim that is `null`.
    #[error("claim {0} is null")]
    NullClaim(String),
    /// A claim, or a member of one, that is there twice.
    #[error("claim {0} is there twice")]
    DuplicateClaim(String),
    /// A claim, or a member of one, that its kind does not have.
    #[error("claim {0} is not known")]
    UnknownClaim(String),
    /// A claim, or a member of one, that is not there.
    #[error("claim {0} is missing")]
    MissingClaim(String),
    /// A claim of another JSON type.
    #[error("claim {0} is of another type")]
    MistypedClaim(String),
    /// A claim of the right type with a value it cannot have.
    #[error("claim {0} has a value that it cannot have")]
    InvalidClaim(String),
    /// Whoever it says issued it may not issue this kind.
    #[error("its issuer is not known here")]
    UnknownIssuer,
    /// Its issuer has no key of that name.
    #[error("its issuer has no key of that kid")]
    UnknownKey,
    /// The key is for the other algorithm.
    #[error("alg is not the one of its key")]
    AlgorithmNotOfKey,
    /// Not 64 bytes: cut, or an ECDSA signature in DER (RFC 7518 §3.4 has R and S side by side).
    #[error("its signature is not of 64 bytes")]
    SignatureLength,
    /// The key did not sign this.
    #[error("its signature does not hold")]
    Signature,
    /// For another node.
    #[error("it is addressed to another node")]
    WrongAudience,
    /// Its claims contradict each other.
    #[error("{0}")]
    Contradiction(Malformed),
    /// `iat` is more than a minute ahead.
    #[error("issued more than 60 seconds in the future")]
    IssuedInTheFuture,
    /// `nbf` is more than a minute ahead.
    #[error("not valid before more than 60 seconds from now")]
    NotYetValid,
    /// `exp` has come.
    #[error("expired")]
    Expired,
}

impl TokenError {
    /// Whether the same token may hold later: under a newer trust list, which has the key, or at
    /// another time.
    pub const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::UnknownIssuer | Self::UnknownKey | Self::IssuedInTheFuture | Self::NotYetValid
        )
    }
}

/// A part of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first.
    Header,
    /// The second.
    Payload,
    /// The third.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why a token was not made.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The claims contradict each other.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The claims cannot be written as JSON.
    #[error("the claims cannot be written as JSON")]
    NotWritten,
    /// Longer than its kind may be.
    #[error("the token would be longer than {most} bytes")]
    TooLong {
        /// The longest it may be.
        most: usize,
    },
    /// The key did not sign.
    #[error("the key did not sign")]
    Key,
}

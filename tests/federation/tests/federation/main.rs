//! What must hold between nodes, by the numbers of the design, over three of them and real TLS.

mod answers;
mod canary;
mod disclosure;
mod growth;
mod identity;
mod production;
mod repeats;
mod rollback;
mod story;

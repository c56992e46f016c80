//! What must hold of all use cases together, whatever happens to the nodes.

mod power_cuts;

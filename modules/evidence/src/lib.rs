//! Misbehaviour that CometBFT proves, and what follows from it.

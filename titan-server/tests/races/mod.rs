//! Races made certain: what somebody does is stopped between the decision that allows it and the transaction that would do
//! it, the world changes in that gap, and then it goes on. It must be decided anew.

mod cast;
mod cut;
mod entering;
mod held;
mod listening;
mod reading;
mod rights;
mod words;

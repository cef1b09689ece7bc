// Package seed generates the data of a new service: real ports, regions of our own,
// and invented prices from 2020-12-15 to 2021-02-15. It is the same on every run.
//
// Two lanes are fixed. CNGGZ to EETLL, the query in the README, has three prices on
// each day of January 2021, which sum to 3463 USD on the 30th and the 31st. CNSGH to
// ISREY has no prices.
package seed

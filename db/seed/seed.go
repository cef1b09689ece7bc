// Package seed makes the data that the service is started and shown with: real
// ports, regions of our own, and invented prices from 2020-12-15 to 2021-02-15.
// They are the same on every run.
//
// Two lanes are promised. CNGGZ to EETLL, the question of the README, has three
// prices on each day of January 2021, and they sum to 3463 USD on the 30th and
// the 31st. CNSGH to ISREY has no price at all.
package seed

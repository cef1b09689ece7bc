package httpapi

import (
	"strconv"

	"example.com/rates/service/rates"
)

// appendRatesJSON appends the answer to q as JSON, in the form that
// openapi.yaml describes.
func appendRatesJSON(b []byte, q rates.Query, answer rates.Answer) []byte {
	b = append(b, `{"rates":[`...)
	for rate := range answer.Days(q) {
		if rate.Day != q.To {
			b = append(b, ',')
		}
		b = append(b, `{"count":`...)
		if rate.Count == 0 {
			b = append(b, "null"...)
		} else {
			b = strconv.AppendInt(b, rate.Count, 10)
		}
		b = append(b, `,"day":"`...)
		b = rate.Day.AppendTo(b)
		b = append(b, `","price":`...)
		if mean, ok := rate.Mean(); ok {
			b = appendUSD(b, mean)
		} else {
			b = append(b, "null"...)
		}
		b = append(b, '}')
	}
	return append(b, "]}\n"...)
}

// appendRatesCSV appends the answer to q as CSV (RFC 4180) with a header. Fields
// that are null in JSON are empty.
func appendRatesCSV(b []byte, q rates.Query, answer rates.Answer) []byte {
	b = append(b, "day,price,count\r\n"...)
	for rate := range answer.Days(q) {
		b = append(rate.Day.AppendTo(b), ',')
		if mean, ok := rate.Mean(); ok {
			b = appendUSD(b, mean)
		}
		b = append(b, ',')
		if rate.Count > 0 {
			b = strconv.AppendInt(b, rate.Count, 10)
		}
		b = append(b, "\r\n"...)
	}
	return b
}

// appendUSD appends the shortest decimal that reads back to the same float64.
// A mean of int32 prices is never so large or small that it needs an exponent.
func appendUSD(b []byte, usd float64) []byte { return strconv.AppendFloat(b, usd, 'f', -1, 64) }

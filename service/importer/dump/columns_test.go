package dump_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/service/importer/dump"
)

// wantIgnored checks the names of the columns that are ignored, of all tables.
func wantIgnored(t *testing.T, file, want string) {
	t.Helper()
	r, err := dump.NewReader(strings.NewReader(file), "file")
	var rec dump.Record
	for err == nil {
		err = r.Read(&rec)
	}
	if !errors.Is(err, io.EOF) {
		t.Fatalf("%s: %v", file, err)
	}
	var got []string
	for _, column := range r.Ignored() {
		got = append(got, fmt.Sprintf("%s.%s", column.Table, column))
	}
	if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
		t.Errorf("%s: ignored (-want +got):\n%s", file, diff)
	}
}

// Columns that are not imported are named once, in the order of the file.
func TestIgnoredColumns(t *testing.T) {
	const row = "CNGGZ,EETLL,2021-01-31,1154,"
	wantIgnored(t, "orig_code,dest_code,day,price\n", "")
	wantIgnored(t, "orig_code,dest_code,day,price,Carrier,valid_until,,note,NOTE,\n"+row+"x,y,z,a,b,\n", "prices.carrier, prices.valid_until, prices.note")
	wantIgnored(t, "id;slug;currency;name;container type;parent_slug\n1;a1;EUR;A;x;\n2;b1;JPY;B;y;\n",
		"regions.id, regions.currency, regions.container type")
	wantIgnored(t, "orig_code,dest_code,day,price,a\x01b\n", `prices."a\x01b"`)
	wantIgnored(t, "orig_code,dest_code,day,price,currency,Container-Type,unit\n"+
		row+" usd ,\"40HC \",\n"+row+"USD,40hc,\n", `prices.container-type ("40HC" in all rows), prices.unit`)
	wantIgnored(t, "COPY ports (id, code, name, parent_slug) FROM stdin;\n\\.\n"+
		"COPY prices (orig_code, dest_code, day, price, id, \"Unit\", \"Currency\") FROM stdin;\nCNGGZ\tEETLL\t2021-01-31\t7\t1\t\\N\tUSD\n\\.\n"+
		"COPY a.b (c) FROM stdin;\n\\.\n", "ports.id, prices.id, prices.Unit")
}

// Columns of several COPY statements for a table are those of one table.
func TestIgnoredColumnsOfPartitions(t *testing.T) {
	const head = "ALTER TABLE ONLY prices ATTACH PARTITION prices_1 DEFAULT;\n" +
		"COPY prices_1 (orig_code, dest_code, day, price, note, size) FROM stdin;\nCNGGZ\tEETLL\t2021-01-31\t7\tx\t40\n\\.\n" +
		"COPY prices (size, orig_code, dest_code, day, price, more) FROM stdin;\n"
	wantIgnored(t, head+"40\tCNGGZ\tEETLL\t2021-01-31\t7\ty\n\\.\n", `prices.note, prices.size ("40" in all rows), prices.more`)
	wantRefusal(t, head+"20\tCNGGZ\tEETLL\t2021-01-31\t7\ty\n\\.\n", `file:6: size is "20" here and "40" on line 3`+mixed)
}

const (
	mixed = ", and a mean of both would mislead; import the rows of one value, or leave the column out if it makes no difference"
	noUSA = " is not USD, in which all prices must be"
)

// Prices in another currency, or in none, are refused, whatever the column is called.
func TestCurrencies(t *testing.T) {
	for _, name := range []string{
		"currency", "CURRENCY", "Currency Code", "currency_code", "currencyCode", "ccy", "CCY_CODE", "price_currency", "cur", "curr",
		"monnaie", "Moeda", "Валюта", "货币", "currency_iso", "currency_id", "iso-4217", "WAERS", "Währung", "Devise", "currency_name",
	} {
		for _, value := range []string{"EUR", "", "US", "USDT", "840", "$", "usd,eur"} {
			file := "orig_code;dest_code;" + name + ";day;price\nCNGGZ;EETLL; Usd ;2021-01-31;7\n\nCNGGZ;EETLL;" + value + ";2021-01-31;7\n"
			wantRefusal(t, file, fmt.Sprintf("file:4: %s %q%s", strings.ToLower(name), value, noUSA))
		}
	}
	const dumped = "COPY prices (orig_code, dest_code, day, price, \"Price Currency\") FROM stdin;\nCNGGZ\tEETLL\t2021-01-31\t7\t"
	wantRefusal(t, dumped+"JPY\n\\.\n", `file:2: Price Currency "JPY"`+noUSA)
	wantRefusal(t, dumped+"\\N\n\\.\n", `file:2: Price Currency is null`)
	wantRefusal(t, dumped+"JPY"+strings.Repeat(" ", 4<<10)+"\n\\.\n", `file:2: Price Currency is longer than 4 KiB`)
}

// A mean over prices of different kinds would be wrong, so a file has only one.
func TestColumnsOfOneValue(t *testing.T) {
	for _, name := range []string{
		"unit", "Units", "UoM", "container", "container_type", "containerType", "CONTAINER SIZE", "container_type_id", "container_code",
		"container_iso_code", "equipment", "equipment_code", "type", "price_type", "rate-type", "size", "teu", "commodity", "Incoterms",
		"mode", "basis", "rate_basis", "category", "charge_code", "currency_factor", "unit_name",
	} {
		const head, row = "orig_code,dest_code,day,price,note,", "\nCNGGZ,EETLL,2021-01-31,7,x,"
		shown := strings.ToLower(name)
		wantRefusal(t, head+name+row+"20GP"+row+"\"\n20gp\""+row+"40HC\n", fmt.Sprintf(`file:5: %s is "40HC" here and "20GP" on line 2`, shown)+mixed)
		wantRefusal(t, head+name+row+"20GP"+row+"\n", fmt.Sprintf(`file:3: %s is "" here and "20GP" on line 2`, shown)+mixed)
		wantRefusal(t, head+name+row+row+"20GP\n", fmt.Sprintf(`file:3: %s is "20GP" here and "" on line 2`, shown)+mixed)
	}
	for _, name := range []string{"carrier", "id", "created_at", "valid_until", "container_id", "source", "quantity", "prices", "typed", "courier", "recursion"} {
		wantIgnored(t, "orig_code,dest_code,day,price,"+name+"\nCNGGZ,EETLL,2021-01-31,7,a\nCNGGZ,EETLL,2021-01-31,7,b\n", "prices."+name)
	}
}

// The memory for the names of columns is bounded.
func TestTooManyColumns(t *testing.T) {
	var b strings.Builder
	for block := range 17 {
		b.WriteString("COPY regions (slug, name, parent_slug")
		for i := range 1000 {
			fmt.Fprintf(&b, ", c%d_%d", block, i)
		}
		b.WriteString(") FROM stdin;\n\\.\n")
	}
	wantRefusal(t, b.String(), "file:33: COPY regions has more than 16384 columns that are not imported; leave some of them out")
	wantRefusal(t, "slug,name,parent_slug"+strings.Repeat(",", 16_382)+"\n", "file:1: the CSV header has more than 16384 columns, or is longer than 64 KiB")
}

package scale

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"example.com/rates/bench/report"
)

// Draw draws the time of an answer against the number of prices into a file, in
// the format of its extension.
func (r *Result) Draw(path string) error {
	p := plot.New()
	p.Title.Text = "Time of an answer of 31 days, cache off, by number of prices stored"
	p.X.Label.Text = "prices stored"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, r.ticks()
	p.Y.Label.Text = "ms"
	p.Legend.Top, p.Legend.Left = true, true
	const title, label, margin = 12, 10, 8
	p.Title.TextStyle.Font.Size, p.Title.Padding = font.Length(title), vg.Points(margin)
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(margin), -vg.Points(margin)
	p.X.Label.TextStyle.Font.Size, p.Y.Label.TextStyle.Font.Size = font.Length(label), font.Length(label)
	p.Add(plotter.NewGrid())
	for _, line := range []struct {
		question string
		color    color.Color
	}{
		{portToPort, color.RGBA{R: 0x00, G: 0x5a, B: 0xb5, A: 0xff}},
		{continentToContinent, color.RGBA{R: 0xdc, G: 0x32, B: 0x20, A: 0xff}},
	} {
		if err := r.drawQuestion(p, line.question, line.color); err != nil {
			return err
		}
	}
	// The legend stands above the lines, and the labels of the ends need room.
	const headroom, sides = 1.6, 1.5
	p.Y.Min, p.Y.Max = 0, p.Y.Max*headroom
	p.X.Min, p.X.Max = p.X.Min/sides, p.X.Max*sides
	const width, height = 16 * vg.Centimeter, 9 * vg.Centimeter
	if err := p.Save(width, height, path); err != nil {
		return fmt.Errorf("draw %s: %w", path, err)
	}
	return nil
}

func (r *Result) drawQuestion(p *plot.Plot, name string, c color.Color) error {
	for _, quantile := range []struct {
		name   string
		of     func(*Question) []float64
		dashes []vg.Length
	}{
		{"p50", func(q *Question) []float64 { return q.P50 }, nil},
		{"p99", func(q *Question) []float64 { return q.P99 }, []vg.Length{vg.Points(4), vg.Points(3)}},
	} {
		var points plotter.XYs
		for _, s := range r.Sizes {
			ms := median(quantile.of(s.question(name)))
			if math.IsNaN(ms) {
				return fmt.Errorf("the figures have no %s of %s with %s prices", quantile.name, name, report.Count(s.Prices))
			}
			points = append(points, plotter.XY{X: float64(s.Prices), Y: ms})
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return fmt.Errorf("draw %s: %w", name, err)
		}
		line.Color, line.Dashes, line.Width = c, quantile.dashes, vg.Points(1.5)
		dots.Color, dots.Radius, dots.Shape = c, vg.Points(2), draw.CircleGlyph{}
		p.Add(line, dots)
		p.Legend.Add(name+", "+quantile.name, line)
	}
	return nil
}

// ticks marks the measured sizes.
func (r *Result) ticks() plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for _, s := range r.Sizes {
		ticks = append(ticks, plot.Tick{Value: float64(s.Prices), Label: report.Count(s.Prices)})
	}
	return ticks
}

package forensics

import (
	"math"
	"math/big"
	"testing"
)

// exactAtMost is P(X <= k), X ~ Bin(n, num/den), in rational arithmetic.
func exactAtMost(k, n int, p *big.Rat) float64 {
	q := new(big.Rat).Sub(big.NewRat(1, 1), p)
	sum := new(big.Rat)
	for i := 0; i <= k; i++ {
		t := new(big.Rat).SetInt(new(big.Int).Binomial(int64(n), int64(i)))
		t.Mul(t, ratPower(p, i))
		t.Mul(t, ratPower(q, n-i))
		sum.Add(sum, t)
	}
	f, _ := sum.Float64()
	return f
}

func ratPower(r *big.Rat, n int) *big.Rat {
	e := big.NewInt(int64(n))
	return new(big.Rat).SetFrac(new(big.Int).Exp(r.Num(), e, nil), new(big.Int).Exp(r.Denom(), e, nil))
}

func near(got, want, relative float64) bool {
	if got == want {
		return true
	}
	return math.Abs(got-want) <= relative*math.Abs(want)
}

func TestBinomialTailsEqualRationalArithmetic(t *testing.T) {
	for _, n := range []int{1, 2, 5, 8, 20, 52, 131, 400} {
		for _, p := range []*big.Rat{big.NewRat(1, 2), big.NewRat(1, 3), big.NewRat(1, 97), big.NewRat(96, 97), big.NewRat(3, 4)} {
			for _, k := range []int{0, 1, n / 10, n / 4, n / 2, 3 * n / 4, n - 1} {
				pf, _ := p.Float64()
				qf, _ := new(big.Rat).Sub(big.NewRat(1, 1), p).Float64()
				got, want := binomialAtMost(k, n, pf, qf), exactAtMost(k, n, p)
				if !near(got, want, 1e-12) {
					t.Errorf("P(X <= %d), n %d, p %s: got %.17g, want %.17g", k, n, p.RatString(), got, want)
				}
			}
		}
	}
}

// The limits are those p at which the exact tail is 0.025: the rational tail on
// both sides of the answer brackets it.
func TestClopperPearsonLimitsBracketTheTail(t *testing.T) {
	for _, c := range []struct{ k, n int }{{0, 1}, {0, 40}, {1, 2}, {2, 8}, {12, 52}, {1, 100}, {99, 100}, {50, 100}, {7, 300}, {8, 8}} {
		lower, upper := clopperPearson(c.k, c.n, 0.025)
		if c.k == 0 && lower != 0 || c.k == c.n && !math.IsInf(upper, 1) {
			t.Errorf("%d of %d: open side got %g to %g", c.k, c.n, lower, upper)
		}
		const shift = 1e-9
		if c.k < c.n {
			above, below := exactOdds(c.k, c.n, upper*(1+shift)), exactOdds(c.k, c.n, upper*(1-shift))
			if above > 0.025 || below < 0.025 {
				t.Errorf("%d of %d: upper odds %.12g give tails %.12g to %.12g", c.k, c.n, upper, below, above)
			}
		}
		if c.k > 0 {
			above, below := 1-exactOdds(c.k-1, c.n, lower*(1+shift)), 1-exactOdds(c.k-1, c.n, lower*(1-shift))
			if above < 0.025 || below > 0.025 {
				t.Errorf("%d of %d: lower odds %.12g give tails %.12g to %.12g", c.k, c.n, lower, below, above)
			}
		}
	}
}

func exactOdds(k, n int, odds float64) float64 {
	o := new(big.Rat).SetFloat64(odds)
	return exactAtMost(k, n, o.Quo(o, new(big.Rat).Add(o, big.NewRat(1, 1))))
}

func TestClopperPearsonOfNoneHasAClosedForm(t *testing.T) {
	for _, n := range []int{1, 5, 17, 40, 1000, 1_000_000} {
		p := -math.Expm1(math.Log(0.025) / float64(n))
		if _, upper := clopperPearson(0, n, 0.025); !near(upper, p/(1-p), 1e-11) {
			t.Errorf("0 of %d: got odds %.15g, want %.15g", n, upper, p/(1-p))
		}
	}
}

func TestBinomialTailsOfHugeCounts(t *testing.T) {
	// By symmetry P(X <= n/2) = (1 + P(X = n/2)) / 2 at p = 1/2.
	for _, n := range []int{1000, 1_000_000, 100_000_000} {
		half := 0.5 + binomialPoint(float64(n/2), float64(n/2), 0.5, 0.5)/2
		if got := binomialAtMost(n/2, n, 0.5, 0.5); !near(got, half, 1e-11) {
			t.Errorf("n %d: got %.15g, want %.15g", n, got, half)
		}
		// Central value: Stirling's series to three terms.
		x := float64(n)
		want := math.Sqrt(2/(math.Pi*x)) * (1 - 1/(4*x) + 1/(32*x*x))
		if got := binomialPoint(x/2, x/2, 0.5, 0.5); !near(got, want, 1e-10) {
			t.Errorf("n %d: point got %.15g, want %.15g", n, got, want)
		}
	}
}

// BenchmarkLimitsOfAMillion: the cost must not grow with what was counted.
func BenchmarkLimitsOfAMillion(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		clopperPearson(400_000, 1_000_000, 0.025)
		clopperPearson(1, 1_000_000, 0.025)
	}
}

func TestBinomialEdges(t *testing.T) {
	for _, c := range []struct {
		k, n int
		p    float64
		want float64
	}{{0, 0, 0.5, 1}, {-1, 4, 0.5, 0}, {4, 4, 0.5, 1}, {2, 4, 0, 1}, {2, 4, 1, 0}, {0, 3, 0.5, 0.125}} {
		if got := binomialAtMost(c.k, c.n, c.p, 1-c.p); got != c.want && !near(got, c.want, 1e-14) {
			t.Errorf("P(X <= %d), n %d, p %g: got %g, want %g", c.k, c.n, c.p, got, c.want)
		}
	}
}

func exactFisher(k1, n1, k2, n2 int) float64 {
	m := k1 + k2
	sum := new(big.Int)
	for k := k2; k <= min(m, n2); k++ {
		if m-k > n1 {
			continue
		}
		a := new(big.Int).Binomial(int64(n2), int64(k))
		sum.Add(sum, a.Mul(a, new(big.Int).Binomial(int64(n1), int64(m-k))))
	}
	f, _ := new(big.Rat).SetFrac(sum, new(big.Int).Binomial(int64(n1+n2), int64(m))).Float64()
	return f
}

func TestFisherEqualsRationalArithmetic(t *testing.T) {
	for _, c := range [][4]int{{1, 40, 9, 12}, {0, 10, 10, 10}, {3, 7, 3, 7}, {9, 12, 1, 40}, {0, 1, 1, 1}, {5, 100, 60, 300}, {50, 60, 3, 9}, {2, 30, 2, 3}, {1, 1, 1, 2}} {
		got, want := fisherRise(c[0], c[1], c[2], c[3]), exactFisher(c[0], c[1], c[2], c[3])
		if !near(got, want, 1e-11) {
			t.Errorf("%v: got %.15g, want %.15g", c, got, want)
		}
	}
}

func TestFisherEdges(t *testing.T) {
	for _, c := range [][4]int{{0, 0, 3, 5}, {3, 5, 0, 0}, {0, 5, 0, 5}, {5, 5, 5, 5}} {
		if got := fisherRise(c[0], c[1], c[2], c[3]); got != 1 {
			t.Errorf("%v: got %g, want 1", c, got)
		}
	}
	p := fisherRise(300_000, 1_000_000, 300_900, 1_000_000)
	if p < 0.05 || p > 0.1 { // z = 1.39
		t.Errorf("a million each: got %g", p)
	}
}

func BenchmarkFisherOfAMillion(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		fisherRise(300_000, 1_000_000, 300_900, 1_000_000)
	}
}

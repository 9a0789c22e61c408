package forensics

import "math"

// The rate test needs tails of the binomial distribution and their inverse,
// for counts from 0 to millions and probabilities down to 1e-300. They come
// from the regularised incomplete beta function; its leading factor is taken
// in the saddle-point form, which keeps 14 digits where a difference of
// logarithms of factorials keeps 8.

// maxFraction bounds the terms of the continued fraction. It needs about the
// square root of the larger parameter: this is enough for counts of 1e9.
const maxFraction = 100_000

// binomialAtMost gives P(X <= k) for X ~ Bin(n, p); q is 1-p, given apart so
// that neither loses digits near 0.
func binomialAtMost(k, n int, p, q float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= n || p <= 0:
		return 1
	case q <= 0:
		return 0
	}
	return betaRatio(float64(n-k), float64(k+1), q, p)
}

// clopperPearson gives the exact limits of p for k of n as odds p/(1-p), each
// tail holding tail (0.025 for 95 %); +Inf where p reaches 1.
func clopperPearson(k, n int, tail float64) (lower, upper float64) {
	a, b := float64(k), float64(n-k)
	upper = math.Inf(1)
	if k > 0 {
		lower = math.Exp(inverseBeta(a, b+1, tail))
	}
	if k < n {
		// P(X <= k) = tail is the lower tail of 1-p.
		upper = math.Exp(-inverseBeta(b, a+1, tail))
	}
	return lower, upper
}

// inverseBeta gives the log odds ln(x/(1-x)) at which betaRatio(a, b) is want,
// by bisection: the function rises from 0 to 1.
func inverseBeta(a, b, want float64) float64 {
	lo, hi := -700.0, 700.0
	for range 80 { // 1400/2^80 is below the spacing of floats
		mid := (lo + hi) / 2
		x, y := fromLogOdds(mid)
		if betaRatio(a, b, x, y) < want {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

func fromLogOdds(l float64) (x, y float64) {
	if l < 0 {
		e := math.Exp(l)
		return e / (1 + e), 1 / (1 + e)
	}
	e := math.Exp(-l)
	return 1 / (1 + e), e / (1 + e)
}

// betaRatio is the regularised incomplete beta function I_x(a, b) for a, b > 0,
// y = 1-x.
func betaRatio(a, b, x, y float64) float64 {
	if x <= 0 {
		return 0
	}
	if y <= 0 {
		return 1
	}
	if x > (a+1)/(a+b+2) {
		return 1 - betaTail(b, a, y, x)
	}
	return betaTail(a, b, x, y)
}

// betaTail evaluates I_x(a, b) where its continued fraction converges fast, by
// the modified method of Lentz.
func betaTail(a, b, x, y float64) float64 {
	const tiny, enough = 1e-300, 1e-16
	guard := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/guard(1-(a+b)*x/(a+1))
	sum := d
	for i := 1; i <= maxFraction; i++ {
		m := float64(i)
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d = 1 / guard(1+even*d)
		c = guard(1 + even/c)
		sum *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d = 1 / guard(1+odd*d)
		c = guard(1 + odd/c)
		sum *= d * c
		if math.Abs(d*c-1) < enough {
			break
		}
	}
	// x^a y^b / (a B(a,b)) = C(a+b, a) x^a y^b · b/(a+b)
	return math.Min(1, binomialPoint(a, b, x, y)*b/(a+b)*sum)
}

// binomialPoint gives C(a+b, a) x^a y^b through the deviances of a and b from
// what is expected (C. Loader's saddle-point form).
func binomialPoint(a, b, x, y float64) float64 {
	n := a + b
	switch {
	case a == 0:
		return math.Exp(n * logOneMinus(x, y))
	case b == 0:
		return math.Exp(n * logOneMinus(y, x))
	}
	l := stirlingError(n) - stirlingError(a) - stirlingError(b) - deviance(a, n*x) - deviance(b, n*y)
	return math.Exp(l) * math.Sqrt(n/(2*math.Pi*a*b))
}

// logOneMinus gives ln(y), y = 1-x, by whichever of them is exact.
func logOneMinus(x, y float64) float64 {
	if x < 0.5 {
		return math.Log1p(-x)
	}
	return math.Log(y)
}

// stirlingError is ln(n!) less Stirling's approximation of it.
func stirlingError(n float64) float64 {
	if n < 16 {
		g, _ := math.Lgamma(n + 1)
		return g - (n+0.5)*math.Log(n) + n - math.Log(2*math.Pi)/2
	}
	n2 := n * n
	return (1.0/12 - (1.0/360-(1.0/1260-(1.0/1680-1.0/(1188*n2))/n2)/n2)/n2) / n
}

// deviance is k ln(k/np) + np - k without the cancellation near k = np.
func deviance(k, np float64) float64 {
	if math.Abs(k-np) >= 0.1*(k+np) {
		return k*math.Log(k/np) + np - k
	}
	v := (k - np) / (k + np)
	sum, term := (k-np)*v, 2*k*v
	for i := 1; i < 1000; i++ { // v < 0.1: each term gains two digits
		term *= v * v
		next := sum + term/float64(2*i+1)
		if next == sum {
			break
		}
		sum = next
	}
	return sum
}

// normalAtMost is the distribution function of the standard normal law.
func normalAtMost(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

package forensics

// fisherRise is Fisher's exact test, one-sided: of n1 things before, k1 had a
// mark, and of n2 after, k2. It gives the chance of a share after as high as
// that, or higher, when nothing changed but luck.
func fisherRise(k1, n1, k2, n2 int) float64 {
	marked, all := k1+k2, n1+n2
	if n1 == 0 || n2 == 0 || marked == 0 || marked == all {
		return 1
	}
	// k2 is hypergeometric: marked drawn from n2 after and n1 before. Its chances
	// are a quotient of three binomial ones of the same p.
	p := float64(marked) / float64(all)
	q := float64(all-marked) / float64(all)
	point := func(k int) float64 {
		return binomialPoint(float64(k), float64(n2-k), p, q) *
			binomialPoint(float64(marked-k), float64(n1-marked+k), p, q) /
			binomialPoint(float64(marked), float64(all-marked), p, q)
	}
	top := min(marked, n2)
	// Sum the tail upwards from k2; below the mean the other tail is shorter.
	if float64(k2) <= p*float64(n2) {
		sum, term := 0.0, 0.0
		for k := k2 - 1; k >= max(0, marked-n1); k-- {
			if term == 0 {
				term = point(k)
			} else {
				term *= float64(k+1) * float64(n1-marked+k+1) / (float64(n2-k) * float64(marked-k))
			}
			sum += term
			if term < 1e-17*sum {
				break
			}
		}
		return 1 - sum
	}
	sum, term := 0.0, point(k2)
	for k := k2; k <= top; k++ {
		sum += term
		if term < 1e-17*sum {
			break
		}
		term *= float64(n2-k) * float64(marked-k) / (float64(k+1) * float64(n1-marked+k+1))
	}
	return min(1, sum)
}

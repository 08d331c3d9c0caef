// Goroutines at work, for the race detector: each piece panics if it comes to a wrong sum. The seed says which pieces run beside each other, and how large they are.
package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const seed = 1

// triangle is 0 + 1 + … + n-1, what most pieces sum up.
func triangle(n int) int { return n * (n - 1) / 2 }

func expect(piece string, got, want int) {
	if got != want {
		panic(fmt.Sprintf("%s: %d, not %d", piece, got, want))
	}
}

func pipeline(r *rand.Rand, n int) {
	stage := func(in <-chan int, f func(int) int) <-chan int {
		out := make(chan int, r.IntN(3))
		go func() {
			defer close(out)
			for v := range in {
				out <- f(v)
			}
		}()
		return out
	}
	first := make(chan int)
	var c <-chan int = first
	for k := range 3 {
		c = stage(c, func(v int) int { return v + k })
	}
	go func() {
		defer close(first)
		for i := range n {
			first <- i
		}
	}()
	sum := 0
	for v := range c {
		sum += v
	}
	expect("pipeline", sum, triangle(n)+3*n)
}

type account struct {
	sync.Mutex
	balance int
	owners  map[string]int
}

func (a *account) pay(owner string, n int) {
	a.Lock()
	defer a.Unlock()
	a.balance += n
	a.owners[owner] += n
}

type payer interface{ pay(owner string, n int) }

func mutexes(r *rand.Rand, n int) {
	a := &account{owners: map[string]int{}}
	var p payer = a
	pay := a.pay
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			for i := range n {
				switch (i + k) % 3 {
				case 0:
					a.pay("direct", i)
				case 1:
					p.pay("interface", i)
				default:
					pay("value", i)
				}
			}
		})
	}
	wg.Wait()
	sum := 0
	for _, v := range a.owners {
		sum += v
	}
	expect("mutexes", a.balance, 4*triangle(n))
	expect("owners", sum, 4*triangle(n))
}

func readers(r *rand.Rand, n int) {
	var lock sync.RWMutex
	table := map[int]string{}
	var missing atomic.Int64
	var wg sync.WaitGroup
	for k := range 3 {
		wg.Go(func() {
			for i := range n {
				lock.Lock()
				table[k*n+i] = fmt.Sprint(k, i)
				lock.Unlock()
				lock.RLock()
				if table[k*n+i] != fmt.Sprint(k, i) {
					missing.Add(1)
				}
				lock.RUnlock()
			}
		})
	}
	wg.Wait()
	expect("readers", len(table)+int(missing.Load()), 3*n)
}

func selecting(r *rand.Rand, n int) {
	a, b, quit := make(chan int), make(chan string, 2), make(chan struct{})
	var absent chan int
	go func() {
		for i := range n {
			a <- i
		}
		quit <- struct{}{}
	}()
	go func() {
		for i := range n {
			b <- strings.Repeat("x", i%5)
		}
		quit <- struct{}{}
	}()
	numbers, letters := 0, 0
	for open := 2; open > 0; {
		select {
		case v := <-a:
			numbers += v
		case s, ok := <-b:
			if !ok {
				panic("closed")
			}
			letters += len(s)
		case <-absent:
			panic("of a nil channel")
		case <-quit:
			open--
		}
	}
	for len(b) > 0 {
		letters += len(<-b)
	}
	want := 0
	for i := range n {
		want += i % 5
	}
	expect("numbers", numbers, triangle(n))
	expect("letters", letters, want)
}

var errOdd = errors.New("odd")

func recovering(r *rand.Rand, n int) {
	type result struct {
		sum int
		err error
	}
	try := func(i int) (x result) {
		defer func() {
			switch e := recover().(type) {
			case nil:
			case runtime.Error:
				x.err = e
			case error:
				x.err = fmt.Errorf("%d: %w", i, e)
			}
		}()
		x.sum = i
		switch i % 3 {
		case 1:
			panic(errOdd)
		case 2:
			var list []int
			list[i]++
		}
		return x
	}
	results := make(chan result)
	for i := range n {
		go func() { results <- try(i) }()
	}
	sum, odd, faults := 0, 0, 0
	for range n {
		x := <-results
		sum += x.sum
		var e runtime.Error
		switch {
		case errors.Is(x.err, errOdd):
			odd++
		case errors.As(x.err, &e):
			faults++
		}
	}
	expect("recovering", sum, triangle(n))
	expect("odd", odd, (n+1)/3)
	expect("faults", faults, n/3)
}

func counting(r *rand.Rand, n int) {
	var total atomic.Int64
	var plain uint32
	var newest atomic.Pointer[account]
	var any atomic.Value
	var once sync.Once
	started := 0
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			once.Do(func() { started++ })
			for i := range n {
				total.Add(int64(i))
				atomic.AddUint32(&plain, 1)
				newest.Store(&account{balance: i})
				any.Store([]int{k, i})
				for old := total.Load(); !total.CompareAndSwap(old, old+1); old = total.Load() {
				}
				if newest.Load() == nil || len(any.Load().([]int)) != 2 {
					panic("lost")
				}
			}
		})
	}
	wg.Wait()
	expect("counting", int(total.Load()), 4*triangle(n)+4*n)
	expect("plain", int(plain), 4*n)
	expect("once", started, 1)
}

func cancelling(r *rand.Rand, n int) {
	type key struct{}
	ctx, cancel := context.WithCancelCause(context.WithValue(context.Background(), key{}, n))
	ticks := make(chan int)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case ticks <- i:
				case <-ctx.Done():
					if context.Cause(ctx) != errOdd || ctx.Value(key{}) != n {
						panic("of another context")
					}
					return
				}
			}
		})
	}
	got := 0
	for range n {
		<-ticks
		got++
	}
	cancel(errOdd)
	wg.Wait()
	late, stop := context.WithTimeout(ctx, time.Hour)
	defer stop()
	<-late.Done()
	expect("cancelling", got, n)
}

func waiting(r *rand.Rand, n int) {
	var lock sync.Mutex
	turn := sync.NewCond(&lock)
	now, order := 0, []int{}
	var wg sync.WaitGroup
	for _, k := range r.Perm(n) {
		wg.Go(func() {
			lock.Lock()
			defer lock.Unlock()
			for now != k {
				turn.Wait()
			}
			order = append(order, k)
			now++
			turn.Broadcast()
		})
	}
	wg.Wait()
	if !slices.IsSorted(order) {
		panic(fmt.Sprint("waiting: ", order))
	}
	expect("waiting", len(order), n)
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func even(n int) bool { return n == 0 || odd(n-1) }
func odd(n int) bool  { return n != 0 && even(n-1) }

func calling(r *rand.Rand, n int) {
	var wg sync.WaitGroup
	sums := make([]int, 4)
	for k := range sums {
		wg.Go(func() {
			sums[k] = fib(10 + k)
			if !even(2 * n) {
				panic("odd")
			}
		})
	}
	wg.Wait()
	expect("calling", sums[0]+sums[1]+sums[2]+sums[3], 55+89+144+233)
}

// shared funcs: one closure that several goroutines call, also from compiled code.
func sharing(r *rand.Rand, n int) {
	var calls atomic.Int64
	less := func(a, b int) bool { calls.Add(1); return a < b }
	twice := func(f func(int) int) func(int) int { return func(v int) int { return f(f(v)) } }
	plus := twice(twice(func(v int) int { calls.Add(1); return v + 1 }))
	var wg sync.WaitGroup
	lists := make([][]int, 3)
	for k := range lists {
		list := r.Perm(n)
		lists[k] = list
		wg.Go(func() {
			sort.Slice(list, func(i, j int) bool { return less(list[i], list[j]) })
			for i := range list {
				list[i] = plus(list[i])
			}
			slices.SortFunc(list, func(a, b int) int { calls.Add(1); return b - a })
		})
	}
	wg.Wait()
	for _, list := range lists {
		for i, v := range list {
			expect("sharing", v, n-1-i+4)
		}
	}
	if calls.Load() < int64(12*n) {
		panic("calls that were not counted")
	}
}

type tree[T any] struct {
	left, right *tree[T]
	value       T
}

func (t *tree[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) { t.walk(yield) }
}

func (t *tree[T]) walk(yield func(T) bool) bool {
	return t == nil || t.left.walk(yield) && yield(t.value) && t.right.walk(yield)
}

func grow[T any](from, to int, value func(int) T) *tree[T] {
	if from >= to {
		return nil
	}
	m := (from + to) / 2
	t := &tree[T]{value: value(m)}
	done := make(chan struct{})
	left := func() { defer close(done); t.left = grow(from, m, value) }
	if to-from > 8 {
		go left()
	} else {
		left()
	}
	t.right = grow(m+1, to, value)
	<-done
	return t
}

func growing(r *rand.Rand, n int) {
	sum := 0
	t := grow(0, n, func(i int) string { return strings.Repeat(".", i) })
	next, stop := iter.Pull(t.all())
	for {
		s, ok := next()
		if !ok {
			break
		}
		sum += len(s)
	}
	stop()
	for s := range t.all() {
		if len(s) > 3 {
			break
		}
		sum -= len(s)
	}
	for i := range min(n, 4) {
		sum += i
	}
	expect("growing", sum, triangle(n))
}

func pooling(r *rand.Rand, n int) {
	pool := sync.Pool{New: func() any { return new(strings.Builder) }}
	var seen sync.Map
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() {
			for i := range n {
				b := pool.Get().(*strings.Builder)
				b.Reset()
				fmt.Fprintf(b, "%d/%d", k, i)
				seen.Store(b.String(), i)
				pool.Put(b)
			}
		})
	}
	wg.Wait()
	sum := 0
	seen.Range(func(_, v any) bool { sum += v.(int); return true })
	expect("pooling", sum, 4*triangle(n))
}

func timing(r *rand.Rand, n int) {
	fired := make(chan int, n)
	for i := range n {
		time.AfterFunc(time.Duration(r.IntN(100))*time.Microsecond, func() { fired <- i })
	}
	ticker := time.NewTicker(50 * time.Microsecond)
	defer ticker.Stop()
	sum := 0
	for left := n; left > 0; {
		select {
		case i := <-fired:
			sum += i
			left--
		case <-ticker.C:
		}
	}
	expect("timing", sum, triangle(n))
}

func deferring(r *rand.Rand, n int) {
	var log []int
	var lock sync.Mutex
	note := func(i int) { lock.Lock(); defer lock.Unlock(); log = append(log, i) }
	var wg sync.WaitGroup
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer note(1)
			for i := range n {
				defer func() { note(i) }()
			}
			if n%2 == 0 {
				runtime.Goexit()
			}
		}()
	}
	wg.Wait()
	sum := 0
	for _, v := range log {
		sum += v
	}
	expect("deferring", sum, 3*triangle(n)+3)
}

var pieces = []func(*rand.Rand, int){
	pipeline, mutexes, readers, selecting, recovering, counting, cancelling, waiting, calling, sharing, growing, pooling, timing, deferring,
}

func main() {
	r := rand.New(rand.NewPCG(seed, 1))
	for range 10 {
		var wg sync.WaitGroup
		for range 3 + r.IntN(6) {
			piece, own, n := pieces[r.IntN(len(pieces))], rand.New(rand.NewPCG(seed, r.Uint64())), 3+r.IntN(30)
			wg.Go(func() { piece(own, n) })
		}
		wg.Wait()
	}
}

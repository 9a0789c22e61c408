// Package web drives the pages in a real browser: the whole job, from a mailbox
// of bounces to the record, on the real program. Its tests need Chromium and
// run with -tags e2e.
package web

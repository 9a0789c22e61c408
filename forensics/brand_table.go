package forensics

// brand is a name that fraud likes to borrow. Words are lower case, without
// accents, separated by single blanks.
type brand struct {
	name string
	// phrases name it wherever they stand in a display name or a subject.
	phrases []string
	// whole names it only as the whole display name: the word means other things.
	whole []string
	// key is the word that look-alike hosts carry; "" for names that are words of
	// a language. A common key counts only beside a word like "login".
	key    string
	common bool
	// domains are its own, where a link is no look-alike.
	domains []string
	// everywhere: named in the foot of honest mail, so text alone is no sign.
	everywhere bool
}

// brands are the names imitated most in reports of phishing; general knowledge,
// reviewed November 2026.
var brands = []brand{
	// Banks and cards
	{name: "Bank of America", phrases: []string{"bank of america", "bankofamerica", "bofa"}, key: "bankofamerica", domains: []string{"bankofamerica.com", "bofa.com"}},
	{name: "Wells Fargo", phrases: []string{"wells fargo", "wellsfargo"}, key: "wellsfargo", domains: []string{"wellsfargo.com"}},
	{name: "Chase", phrases: []string{"chase bank", "chase online", "jpmorgan chase", "jp morgan chase"}, whole: []string{"chase"}, key: "chase", common: true, domains: []string{"chase.com"}},
	{name: "Citibank", phrases: []string{"citibank", "citi bank", "citigroup"}, key: "citibank", domains: []string{"citi.com", "citibank.com"}},
	{name: "Capital One", phrases: []string{"capital one", "capitalone"}, key: "capitalone", domains: []string{"capitalone.com"}},
	{name: "American Express", phrases: []string{"american express", "americanexpress", "amex"}, key: "americanexpress", domains: []string{"americanexpress.com", "aexp.com"}},
	{name: "Visa", phrases: []string{"visa card", "visa europe", "verified by visa"}, whole: []string{"visa"}},
	{name: "Mastercard", phrases: []string{"mastercard"}, key: "mastercard", domains: []string{"mastercard.com"}},
	{name: "HSBC", phrases: []string{"hsbc"}, key: "hsbc", domains: []string{"hsbc.com", "hsbc.co.uk"}},
	{name: "Barclays", phrases: []string{"barclays"}, key: "barclays", domains: []string{"barclays.com", "barclays.co.uk"}},
	{name: "Lloyds Bank", phrases: []string{"lloyds bank", "lloydsbank"}, key: "lloydsbank", domains: []string{"lloydsbank.com", "lloydsbank.co.uk"}},
	{name: "NatWest", phrases: []string{"natwest"}, key: "natwest", domains: []string{"natwest.com"}},
	{name: "Santander", phrases: []string{"santander bank", "banco santander"}, whole: []string{"santander"}, key: "santander", common: true, domains: []string{"santander.com", "santander.es", "santander.co.uk", "santander.de"}},
	{name: "BBVA", phrases: []string{"bbva"}, key: "bbva", domains: []string{"bbva.com", "bbva.es", "bbva.mx"}},
	{name: "CaixaBank", phrases: []string{"caixabank"}, key: "caixabank", domains: []string{"caixabank.es", "caixabank.com"}},
	{name: "Itaú", phrases: []string{"banco itau", "itau unibanco"}, whole: []string{"itau"}, domains: []string{"itau.com.br"}},
	{name: "Bradesco", phrases: []string{"bradesco"}, key: "bradesco", domains: []string{"bradesco.com.br"}},
	{name: "BNP Paribas", phrases: []string{"bnp paribas"}, key: "bnpparibas", domains: []string{"bnpparibas.com", "bnpparibas.net"}},
	{name: "Crédit Agricole", phrases: []string{"credit agricole"}, key: "creditagricole", domains: []string{"credit-agricole.fr", "credit-agricole.com"}},
	{name: "Société Générale", phrases: []string{"societe generale"}, key: "societegenerale", domains: []string{"societegenerale.fr", "societegenerale.com"}},
	{name: "ING", phrases: []string{"ing bank", "ing diba"}, whole: []string{"ing"}, domains: []string{"ing.com", "ing.de", "ing.nl"}},
	{name: "Rabobank", phrases: []string{"rabobank"}, key: "rabobank", domains: []string{"rabobank.nl", "rabobank.com"}},
	{name: "Sparkasse", phrases: []string{"sparkasse", "sparkassen"}, key: "sparkasse", domains: []string{"sparkasse.de", "sparkasse.at"}},
	{name: "Volksbank", phrases: []string{"volksbank", "volksbanken raiffeisenbanken"}, key: "volksbank", domains: []string{"vr.de", "volksbank.de"}},
	{name: "Commerzbank", phrases: []string{"commerzbank"}, key: "commerzbank", domains: []string{"commerzbank.de", "commerzbank.com"}},
	{name: "Deutsche Bank", phrases: []string{"deutsche bank"}, key: "deutschebank", domains: []string{"deutsche-bank.de", "db.com"}},
	{name: "Postbank", phrases: []string{"postbank"}, key: "postbank", domains: []string{"postbank.de"}},
	{name: "comdirect", phrases: []string{"comdirect"}, key: "comdirect", domains: []string{"comdirect.de"}},
	{name: "N26", phrases: []string{"n26"}, domains: []string{"n26.com"}},
	{name: "UBS", phrases: []string{"ubs bank", "ubs e banking"}, whole: []string{"ubs"}, domains: []string{"ubs.com"}},
	{name: "PostFinance", phrases: []string{"postfinance"}, key: "postfinance", domains: []string{"postfinance.ch"}},
	// Payment and coins
	{name: "PayPal", phrases: []string{"paypal", "pay pal"}, key: "paypal", domains: []string{"paypal.com", "paypal.me", "paypalobjects.com"}},
	{name: "Stripe", phrases: []string{"stripe payments"}, whole: []string{"stripe"}, key: "stripe", common: true, domains: []string{"stripe.com"}},
	{name: "Klarna", phrases: []string{"klarna"}, key: "klarna", domains: []string{"klarna.com", "klarna.de"}},
	{name: "Western Union", phrases: []string{"western union"}, key: "westernunion", domains: []string{"westernunion.com"}},
	{name: "Coinbase", phrases: []string{"coinbase"}, key: "coinbase", domains: []string{"coinbase.com"}},
	{name: "Binance", phrases: []string{"binance"}, key: "binance", domains: []string{"binance.com"}},
	{name: "MetaMask", phrases: []string{"metamask"}, key: "metamask", domains: []string{"metamask.io"}},
	{name: "Trust Wallet", phrases: []string{"trust wallet", "trustwallet"}, key: "trustwallet", domains: []string{"trustwallet.com"}},
	// Mail, software, storage
	{name: "Microsoft", phrases: []string{"microsoft", "office 365", "office365", "onedrive", "sharepoint", "outlook web app"}, key: "microsoft", domains: []string{"microsoft.com", "microsoftonline.com", "office.com", "live.com", "outlook.com", "sharepoint.com"}, everywhere: true},
	{name: "Google", phrases: []string{"google", "gmail"}, key: "google", domains: []string{"google.com", "googleapis.com", "googleusercontent.com", "gmail.com"}, everywhere: true},
	{name: "Apple", phrases: []string{"apple id", "apple support", "apple pay", "apple store", "icloud", "itunes"}, whole: []string{"apple", "apple inc"}, key: "apple", common: true, domains: []string{"apple.com", "icloud.com"}, everywhere: true},
	{name: "Yahoo", phrases: []string{"yahoo"}, key: "yahoo", domains: []string{"yahoo.com", "yahoo.co.jp", "yahoo.net"}, everywhere: true},
	{name: "AOL", phrases: []string{"aol mail"}, whole: []string{"aol"}, domains: []string{"aol.com"}},
	{name: "Adobe", phrases: []string{"adobe sign", "adobe document cloud", "adobe acrobat"}, whole: []string{"adobe"}, key: "adobe", common: true, domains: []string{"adobe.com"}, everywhere: true},
	{name: "DocuSign", phrases: []string{"docusign"}, key: "docusign", domains: []string{"docusign.com", "docusign.net"}},
	{name: "Dropbox", phrases: []string{"dropbox"}, key: "dropbox", domains: []string{"dropbox.com"}},
	{name: "WeTransfer", phrases: []string{"wetransfer"}, key: "wetransfer", domains: []string{"wetransfer.com"}},
	{name: "Zoom", phrases: []string{"zoom meeting", "zoom video"}, whole: []string{"zoom"}, domains: []string{"zoom.us", "zoom.com"}},
	{name: "McAfee", phrases: []string{"mcafee"}, key: "mcafee", domains: []string{"mcafee.com"}},
	{name: "Norton", phrases: []string{"norton lifelock", "norton antivirus", "norton 360"}, whole: []string{"norton"}, domains: []string{"norton.com"}},
	// Hosts and networks
	{name: "GoDaddy", phrases: []string{"godaddy"}, key: "godaddy", domains: []string{"godaddy.com", "secureserver.net"}},
	{name: "IONOS", phrases: []string{"ionos"}, key: "ionos", domains: []string{"ionos.com", "ionos.de"}},
	{name: "STRATO", phrases: []string{"strato ag"}, whole: []string{"strato"}, domains: []string{"strato.de"}},
	{name: "OVH", phrases: []string{"ovh", "ovhcloud"}, key: "ovhcloud", domains: []string{"ovh.com", "ovh.net", "ovhcloud.com"}},
	{name: "cPanel", phrases: []string{"cpanel"}, key: "cpanel", domains: []string{"cpanel.net"}},
	{name: "Telekom", phrases: []string{"deutsche telekom", "telekom deutschland"}, whole: []string{"telekom"}, key: "telekom", common: true, domains: []string{"telekom.de", "telekom.com", "t-online.de"}},
	{name: "Vodafone", phrases: []string{"vodafone"}, key: "vodafone", domains: []string{"vodafone.com", "vodafone.de", "vodafone.co.uk"}},
	{name: "Verizon", phrases: []string{"verizon"}, key: "verizon", domains: []string{"verizon.com", "verizonwireless.com"}},
	// Shops, travel, entertainment
	{name: "Amazon", phrases: []string{"amazon", "amazon prime"}, key: "amazon", domains: []string{"amazon.com", "amazon.de", "amazon.co.uk", "amazonaws.com", "amazon.fr", "amazon.it", "amazon.es", "amazon.co.jp"}},
	{name: "eBay", phrases: []string{"ebay"}, key: "ebay", domains: []string{"ebay.com", "ebay.de", "ebay.co.uk"}},
	{name: "AliExpress", phrases: []string{"aliexpress", "alibaba"}, key: "aliexpress", domains: []string{"aliexpress.com", "alibaba.com"}},
	{name: "Walmart", phrases: []string{"walmart"}, key: "walmart", domains: []string{"walmart.com"}},
	{name: "Costco", phrases: []string{"costco"}, key: "costco", domains: []string{"costco.com"}},
	{name: "Netflix", phrases: []string{"netflix"}, key: "netflix", domains: []string{"netflix.com"}},
	{name: "Spotify", phrases: []string{"spotify"}, key: "spotify", domains: []string{"spotify.com"}},
	{name: "Disney+", phrases: []string{"disney plus"}, key: "disneyplus", domains: []string{"disneyplus.com"}},
	{name: "Booking.com", phrases: []string{"booking com"}, domains: []string{"booking.com"}},
	{name: "Airbnb", phrases: []string{"airbnb"}, key: "airbnb", domains: []string{"airbnb.com"}},
	// Social
	{name: "Facebook", phrases: []string{"facebook"}, key: "facebook", domains: []string{"facebook.com", "facebookmail.com", "fb.com", "meta.com"}, everywhere: true},
	{name: "Instagram", phrases: []string{"instagram"}, key: "instagram", domains: []string{"instagram.com"}, everywhere: true},
	{name: "WhatsApp", phrases: []string{"whatsapp"}, key: "whatsapp", domains: []string{"whatsapp.com"}, everywhere: true},
	{name: "LinkedIn", phrases: []string{"linkedin"}, key: "linkedin", domains: []string{"linkedin.com"}, everywhere: true},
	{name: "TikTok", phrases: []string{"tiktok"}, key: "tiktok", domains: []string{"tiktok.com"}, everywhere: true},
	// Parcels
	{name: "DHL", phrases: []string{"dhl"}, key: "dhl", domains: []string{"dhl.com", "dhl.de"}},
	{name: "FedEx", phrases: []string{"fedex"}, key: "fedex", domains: []string{"fedex.com"}},
	{name: "UPS", phrases: []string{"united parcel service", "ups delivery", "ups my choice", "ups package"}, whole: []string{"ups"}, domains: []string{"ups.com"}},
	{name: "USPS", phrases: []string{"usps", "us postal service"}, key: "usps", domains: []string{"usps.com"}},
	{name: "Royal Mail", phrases: []string{"royal mail", "royalmail"}, key: "royalmail", domains: []string{"royalmail.com"}},
	{name: "DPD", phrases: []string{"dpd"}, key: "dpd", domains: []string{"dpd.com", "dpd.de", "dpd.co.uk"}},
	{name: "Deutsche Post", phrases: []string{"deutsche post"}, key: "deutschepost", domains: []string{"deutschepost.de"}},
	{name: "La Poste", phrases: []string{"la poste", "chronopost", "colissimo"}, key: "laposte", domains: []string{"laposte.fr", "laposte.net", "chronopost.fr"}},
	{name: "PostNL", phrases: []string{"postnl"}, key: "postnl", domains: []string{"postnl.nl"}},
	{name: "Swiss Post", phrases: []string{"swiss post", "schweizerische post"}, domains: []string{"post.ch"}},
	{name: "Correos", phrases: []string{"sociedad estatal correos"}, whole: []string{"correos"}, key: "correos", common: true, domains: []string{"correos.es"}},
	// Authorities
	{name: "IRS", phrases: []string{"internal revenue service", "irs refund", "irs gov"}, whole: []string{"irs"}, domains: []string{"irs.gov"}},
	{name: "HMRC", phrases: []string{"hmrc", "hm revenue customs", "hm revenue and customs"}, key: "hmrc", domains: []string{"hmrc.gov.uk", "gov.uk"}},
	{name: "ELSTER", phrases: []string{"elster portal", "elster online"}, whole: []string{"elster"}, domains: []string{"elster.de"}},
}

/**
 * Words that passwords are made of everywhere, small and without what stands around them: the English ones from the commonest
 * leaked passwords as zxcvbn has collected them (MIT, © Dan Wheeler and Dropbox, Inc.), and those of Chinese users.
 */
const TEXT = `
000000 000007 007007 01011 01011970 01011980 01011981 01011985 01011986 01011990 01011991 01012000 01012001 01012010
01012011 010203 102030 102938 1029384756 111111 11111111 11112222 111222 111222333 112233 11223344 1122334455 112358
11235813 1123581321 12121 121314 123098 12312 123123 12312312 12332 123321 123321123 1234321 12344321 12345
123454321 1234554321 123456 1234567 12345678 123456789 1234567890 123457 123654 123654789 12369874 123698745 123789
123987 124578 128500 131313 1314 13145 1314520 132435 134679 135790 1366613 141627 142536 147258 147258369 147852
147852369 1478963 14789632 147896325 15426378 159357 159753 159951 192837465 1q2w3e 1q2w3e4r 1qaz 1qaz2wsx 21122112
223344 246810 25802580 258456 2wsx 314159 31415926 315475 321123 321654 321654987 362436 3edc 445566 456123 456654
456852 4815162342 51505150 520131 5201314 520520 5211314 555666 5845201314 666666 66668888 666777 666999 6751520
696969 73501505 741852 741852963 753159 753951 7758258 7758521 7777777 789123 789456 789456123 7895123 789654 852456
8675309 88888888 906090 911911 9379992 951753 963852 963852741 987456 a1b2c3 aaliyah aardvark aaron abby abc abc123
abcd aberdeen abgrtyu abigail abraham absolut absolute access accord account achilles action active adam adams
adgjmptw adidas admin admiral adonis adrian adriana adrienne adult adults aezakmi africa again agent aggies aikido
aini airborne airbus airforce airplane aiwo akira alabama alan alaska albatros albert alberto albina albion alejandr
aleksandr aleksandra aleksey alenka alex alexalex alexande alexander alexandr alexandra alexia alexis alfa alfred
alibaba alice alicia alien aliens alina alison allen alliance allison allmine allsop allstar alpha alphabet alpine
alucard always alyssa amadeus amanda amateur amazing amazon amber amelia america american amsterda amsterdam
anaconda anakin anarchy anastasia anders anderson andre andrea andreas andrei andres andrew andrey andromeda andy
anfield angel angela angelica angelina angelo angels angie angus anhyeuem animal animals anime anna annabell anne
annette annie annika answer anthony antoine anton antoni antonio anubis anything apache apollo apple applepie apples
april aptx4869 aquarius aragorn archer archie area arizona arjay armagedon armani army arnold arsenal artemis arthur
artist artur asdasd asdf asdfasdf asdfg asdfgh asdfghj asdfghjk asdfghjkl asdfjkl asdzxc ashlee ashley ashton asia
asian aspire aspirine assass assassin assman assword asterix astrid astros athena athens atlanta atlantic atlantis
atomic attack attitude auburn audia audrey august aurora aussie austin australi australia autumn avalanch avalon
avatar avenger awesome azamat azerty azsxdc azsxdcfv baba babe babes babies baby babybaby babyblue babyboy babydoll
babyface babygirl babylon bacardi back backdoor backup bacon badass badboy baddog badger badgirl badman baggins
bagira baidu bailey ball baller balloon balloons balls bambam banana bananas banane bandit bangongshi banji banker
banner banshee baobao baobei barbara barber barbie barcelon barcelona barefoot barkley barnes barney barrett barry
barsik bart bartman baseball basket basketba basketball bass bassman bastard batman battle baxter bayern bcfields
beach beaches beagle beamer bean beaner beanie bear bearbear bears beast beastie beatle beatles beatrice beautifu
beautiful beauty beaver beavis because beckham becky beefcake beemer beer beerbeer beetle beida beijing believe
belinda bell bella belle bender benfica bengals benjamin bennett benny benson bentley beowulf beretta berger berlin
bermuda bernard bernie bert bertha bertie beth bethany better betty beverly bhbirf bianca bicycle bigass bigballs
bigbear bigbird bigboy bigbutt bigdaddy bigdog bigfoot bigger biggie biggles bigguy bigmac bigman bigmike bigmoney
bigone bigred bigtime bike bikini bilbo bill billie billy billybob billyboy bimmer bing bingo bird birdie birdman
birthday biscuit bishop biteme bizkit blabla black blackbir blackcat blackdog blackhaw blackie blackjac blackjack
blackman blackout blacks blacky blade blades blahblah blake blaster blazer blessed blessing blink blizzard blonde
blondes blondie blood bloody blossom blow blowjob blowme blue bluebird blueblue blueboy bluedog blueeyes bluefish
bluemoon blues bluesky boat bobafett bobbie bobbob bobby bobcat boeing bogart bogdan bogey bohica bollocks bollox
bomber bond bondage bone bonehead boner bones bonita bonjour bonkers bonnie bonsai booger boogie booker bookworm
boomboom boomer bootie boots booty boricua boris bosco boss bossman boston bottle bottom bounce bowler bowling
bowser boxing boxster boys brad bradford bradley brandi brando brandon brandy brasil braves bravo brazil breast
breasts breeze brenda brendan brent brewer brewster brian briana brianna bridge bridget bright brighton bristol
britney brittany broadway broken bronco broncos brooke brooklyn brooks brother brothers brown brownie browns bruce
brucelee bruins bruno brutus bryan bryant bubba bubbas bubble bubbles buck bucket buckeye buckeyes buckshot buddah
buddha buddie buddy budlight budman budweise buffalo buffett buffy bugger builder bull bulldog bulldogs bullet bulls
bullseye bunghole bunny burger burton bush business busted buster butch butler butt butter butterfl butterfly
butthead butthole buttman button buttons butts buzz buzzard byteme cabbage cactus cadillac caesar caitlin calgary
calico caliente californ california caligula callaway callie calvin camaro cambiami camel camelot camels cameltoe
camera cameron camilla camille campbell camper campus canada canadian cancel cancer cancun candice candle candy
candyman cannabis cannon canon cantona capital capone captain caramel caravan carbon cardinal carina carl carla
carlo carlos carlton carmel carmen carol carole carolin carolina caroline carolyn carpet carrera carrie carrot
carson carter cartman cartoon casanova caserta casey cash casino casper cassidy cassie castle catalina catch catdog
catfish catherin catherine cathy catman cats cavalier caveman ccbill cdtnkfyf cecilia cedric celeron celeste celica
celine celtic celtics cent center central century cerberus cessna cfitymrf cgfhnfr chad chai chainsaw chair champ
champion champs chance chandler chanel chang change changed changeme chao chaos charger chargers charity charlene
charles charley charli charlie charlott charlotte charlton charly charmed chase chaser cheater check checkers cheech
cheeks cheers cheese cheetah chelsea chemical cheng chengdu chenwei cherokee cherry cheryl chester chevelle chevrole
chevy chewie cheyenne chicago chichi chicken chickens chicks chico chief chiefs children china chinook chip chipper
chivas chloe chocolat chocolate chong chongqing chopper chou chris chrisbln chrissy christ christia christian
christie christin christina christine christmas christop christopher christy chrome chronic chrono chuai chuang
chubby chuck chuckie chuckles chucky chun chunky church cicero cigars cinder cindy cinema cinnamon circle circus
city cjkysirj cjkywt claire clancy clapton clarence clarinet clark classic claude claudi claudia claudio claymore
clayton clemson clevelan clifford clinton clipper clitoris cloud clouds clover clown cobra cocacola cocaine coconut
cody coffee cohiba coke coleman colleen college collin collins colombia colonel colorado colors colt coltrane
columbia columbus combat comet comics command commando common company compaq compute computer concrete condom condor
confused cong connect conner connie connor conrad consumer contact content control cookie cookies cool cooldude
cooler coolguy coolio coolman cooper cooter copper cornell corona corrado corvette cosmo cosmos cosworth cotton
cougar country courage courtney cowboy cowboys coyote cracker craig crash crawford crazy crazybab cream creampie
creamy creative credit cricket crimson cristina critter crjhgbjy crow cruise cruiser crunch crusader crysis crystal
cthulhu cthutq cubbies cubswin cuddles cupcake curious curtis custom cutlass cutter cxfcnmt cyber cyclone cyclops
cynthia cypress daddy daewoo dagger daisy dajiahao dakota dale dalejr dallas dalton damage damian damien dammit
damnit dana dance dancer dang danger danie daniel daniela danielle daniil danila danni danny dannyboy dante danzig
daphne darius dark darkman darkness darkside darkstar darling darrell darren darwin dave david davide davids
davidson davis dawg dawn dawson daxue daytona dbrnjh dbrnjhbz deacon dead deadhead deadman dean deanna dearbook
death debbie deborah december deedee deejay deepthroat deeznuts deeznutz defender defiant deftones delete delphi
delta deluxe demon demons denali deng denis denise deniska dennis denver depeche derek derrick desert design
designer desire desiree deskjet destiny destroy detroit devil devildog devils dexter dfcbkbq dfkthbz dfkthf
dfktynbyf dfvgbh dharma diablo diamond diamonds dian diana dianne diao didi diehard diesel dietcoke dieter digger
diggler digital dilbert dildo dili dilligaf dillon dima dinamo ding dingdong dino dinosaur direct director dirtbike
dirty discover disney diver divine divorce dixie dkflbckfd dkflbvbh doberman doctor dodge dodger dodgeram dodgers
dogfood dogg doggie doggy doghouse dogman dogs doitnow dollar dollars dolores dolphin dolphins dominic domino donald
dong donkey donna donnie donuts doobie doodle doogie dookie dorian dorothy double doug doughboy douglas down
downtown dracula drago dragon dragonball dragons dragoon drake dream dreamer dreams drew driver drizzt droopy
drowssap drpepper drummer dthjybrf dublin ducati duchess duck dude dudley duke dumbass duncan durango duster dustin
dusty dutch dutchess dwayne dylan eagle eagles eastside easy eatme eclipse edc eddie edu eduard eduardo edward
edwards eeyore eileen einstein ekaterina elaine eleanor electra electric electron element elena elephant eleven
elijah elite elizabet elizabeth elliot elliott elvira elvis elwood emerald emerson emily eminem emma emmanuel emmitt
empire energy engage engine engineer england english enigma enjoy enter enterpri enterprise eraser eric erica
ericsson erik ernest erotic erotica escape escort esther eternal eternity eugene eureka europa europe evelyn everest
everton excalibu exigen exigent exodus explorer express extreme fabian fabie fabric facai face facial fafafa faith
falcon falcons fallen fallout family famous fang fantasy farley farmer farside fart fashion fast faster fatass
fatboy fatcat father fatima fatman feather february federico feet felicia felipe felix fender feng fernand fernando
ferrari ferret ferris fester fetish fghtkm ficken fiesta figaro fighter filter filthy finance finger fingers finish
fire fireball firebird firefly firefox fireman first fish fisher fishes fishing fisting fitness five fktrcfylh
fktrcfylhf fktrctq flames flamingo flash flatron fletch fletcher flight flipper floppy florence florian florida
flounder flower flowers floyd fluffy flyboy flyers flying focus foobar footbal football ford fordf forest forever
forfun forget forgot formula forrest fortuna fortune forum forward foryou fossil foster fowler foxtrot france
frances francesc francis franco francois frank frankie franklin franky freak freaks freaky freckles fred freddie
freddy frederic fredfred free freedom freeman freepass freeuser freeze french fresh friday friend friendly friends
fright frisco frisky fritz frodo frog frogger froggy front frontier frosty frozen fubar fudan fugazi function funny
funtime fusion futbol future fuzzy fyfcnfcbz fylhtq fytxrf gabrie gabriel gabriela gabriell galaxy galina galore
gambit gamecube gameover games gandalf gang gangsta gangster garage garbage garcia garden garfield gargoyle garrett
gary gaston gateway gator gators gbpltw gegcbr gege geheim gemini general genesis genius geoffrey george georgia
gerald gerard german germany geronimo gesperrt getmoney getsome gfhjkm ghbdtn ghbdtnbr ghblehjr ghetto ghjcnj
ghjcnjnfr ghost ghostrider giant giants gibson gilbert gillian ginger giorgi giovanni girl girls giuseppe gizmo
gizmodo gjkbyf gladiator global gloria glory gmoney goalie goaway goblin goblue gobucks goddess godfathe godfather
godsmack godzilla gofish goforit goku gold goldberg golden goldfish goldie goldstar goldwing golf golfball golfer
golfgolf golfing goliath gollum gonavy gong gonghao gongxi gonzo goober good goodboy goodbye goodluck goodman
goodtime goofy google goose gopher gordon gorilla gotcha gothic gotohell govols grace gracie graham grandma granny
grant grateful great greatone greece green greenbay greenday greene greens greg gregor gregory gremlin grendel
gretchen gretzky griffey griffin gringo grizzly gromit groove groovy groucho grover grumpy gsxr guangzhou guanliyuan
guardian guest guiness guinness guitar gundam gunnar gunner gunners gustav hacked hacker haha hahaha hailey hairy
halflife hallo hambone hamburg hamilton hamlet hammer hammers hampton hamster handsome handyman hang hangzhou hank
hanna hannah hannibal hansen hansolo happy happyday hard hardcore harder hardon hardrock harley harmony harold
harper harris harrison harry harvey hassan hastings havefun hawaii hawaiian hawk hawkeye hawkeyes hayabusa hayden
hayley head health heart hearts heather heaven heckfy hector hedgehog hehe heidi heihei heineken helen helena hell
hellfire hello helloo hellyeah helmet help helpme hendrix henry hentai herbert herbie hercules herman hermes hershey
hesoyam hidden higgins highland hill hilton hiphop history hithere hitman hjvfirf hobbes hobbit hockey hokies holden
holiday holland holly hollywoo hollywood holmes home homer homers homerun honda honey hong hongkong hooker hoosier
hoosiers hooter hooters hootie hoover hope hopper horizon horndog hornet horney horse horses hotbox hotboy hotdog
hotred hotrod hotshot hotstuff hottie house houses houston howard huawei huaxue hudson hummer hungry hunter hunting
hurley hurrican husker huskers huskies hustler hyperion iamgod ibanez icecream iceman idiot idontkno idontknow
iforgot igor iguana ihateyou illini illusion iloveu iloveyo iloveyou imagine immortal impala imperial incubus india
indian indiana indians indigo infantry inferno infiniti infinity ingrid insane insert inside integra intel internet
intrepid intruder inuyasha ipswich ireland irina irish ironman isabel isabella isabelle isaiah iscool island israel
italia italian ivan ivanov ivanova iverson iwantu jabroni jack jackal jackass jackie jackoff jackson jacob jade
jagger jaguar jake jamaica james jamesbon jamesbond jameson jamie jammer jammin jane janet janice janine january
japan japanese jarhead jasmin jasmine jason jasper java javier jaybird jayden jayhawk jazz jazzman jean jeanette
jeanne jedi jeep jeff jeffery jeffrey jenkins jenn jenna jennie jennifer jenny jensen jeremiah jeremy jericho
jerkoff jerome jerry jersey jess jesse jessic jessica jessie jester jesus jethro jetski jewels jiang jiaoshi jiaoyu
jiejie jill jillian jimbo jimbob jimmie jimmy jingdong jisuanji jktymrf joanna joanne joejoe joey johann johanna
johannes john johnboy johnjohn johnny johnson joker jokers jonathan jones jordan jose joseph josh joshua journey
jrcfyf juan judith juggalo juice julia julian julie juliet juliette julius jump jumper junebug jungle junior jupiter
justdoit justice justin justine justme juventus kahuna kaiser kaitlyn kaktus kamikaze kang kangaroo kansas karate
karen karina karma karolina kashmir kasper katana katerina katherin katherine kathleen kathryn kathy katie katrin
katrina kawasaki kaylee keeper keith keji kelley kelly kelsey kendall kennedy kenneth kenny kenshin kentucky kenwood
kenworth kermit kevin keyboard keystone keywest kickass kicker kids kill killbill killer killers killme kimber
kimberly king kingdom kingfish kingkong kingpin kingston kinky kipper kirill kirsten kiss kisses kissing kissme
kitkat kitten kitty kittycat kittykat klaster kleopatra klingon kmust knickers knicks knight knights knopka kodiak
kolobok kong kool korn koshka kosmos kostya kotenok kramer krishna krista kristen kristi kristin kristina kristine
kristy krystal ktyjxrf kuaile kume kungfu kunming kust kyle labrador labtec lacrosse ladies lady ladybug laguna
lakers lakota lambert lamont lance lancelot lancer lang lansing laogong laopo laoshi laptop larisa larry laser
lasvegas latin latino laura laurel lauren laurence laurie lawrence lawyer leader leanne leather leavemealone ledzep
legacy legend legion legolas lemons leng lennon leonard leonardo leonid leopard lesbian lesbians leslie lespaul
lestat lester letmein letsgo lewis lexmark lexus liberty library lick licker lickit lickme life lifehack lifetime
light lighter lightnin lightning lights ligong lijing lillian lilly lina lincoln linda lindsay lindsey lineage ling
lion lionel lionking lions lipstick liqiang liquid lisa lisalisa lishi lisi little liuwei liverpoo liverpool liwei
lixiang lizard lizzie loaded lobster loco logan logitech lokomotiv lola lolipop lolita lollipop lollol london lonely
lonestar lonewolf long longhorn look looker looking looney looser lord lorenzo lori lorraine loser losers lotus
louis louise loulou love loveit lovelove lovely loveme lover loverboy lovers loveyou loving lowrider luan lucas
lucifer lucille lucky luckydog lucy ludmila ludwig luis luke lust luther lvbnhbq lynn macdaddy machine macross
madden maddie maddog madeline madina madison madman madmax madness madonna madrid maestro maggie maggot magic
magical magick magicman magnolia magnum magnus magpie maiden mail mailcreated mailman majestic makaveli maksim
malaka malcolm malibu malina mallard mama mamapapa manager manchest manchester mandarin mandingo mandy mango maniac
manowar manson manuel manuela manutd maradona marathon marc marcel marcia marco marcos marcus margaret margarita
mari maria mariah marian marianne marie marika marilyn marin marina marine mariners marines marino mario marion
marisa marissa marius mark market markus marlboro marlene marley marlin marsha marshall martha martin martina
martine martinez martini marvel marvin mary maryann maryjane maryland mason massage massimo massive maste master
masters matador mathew matilda matrix matt matthew matthews mattie mature maureen maurice maverick maxell maxim
maxima maximum maximus maxine maxmax maxwell maxx mayday mayhem maynard mazafaka meatball meathead meatloaf mechanic
medical medicine medusa megadeth megaman megan megapass megatron meghan meiguo meimei meister melanie melinda
melissa mellon mellow melody melvin member memorex memory memphis menace meowmeow mercedes mercury meredith meridian
merlin mermaid mersedes metal metallic metallica method mexico miami mian miao michae michael michaela micheal
michel michele michell michelle michigan mickey microlab micron microsof microsoft midget midnight midway mighty
miguel mike mikemike mikey milana milano milena miles military milkman miller millie million milton mima mimamima
mimashi mine minecraft ming minime minnie miracle mirage miranda miriam mirror misery misfit misha mishka mission
missy mister mistress misty mitch mitchell mittens mobile models modena mohamed mohammed mojo mollie molly mollydog
moloko molson mommy momoney monaco monalisa monday mondeo money moneyman moneys mongoose monica monika monique
monitor monke monkey monkeys monopoly monroe monster montana montgom montreal monty moocow mookie moomoo moon
moonlight moose more morgan morning morpheus morris morrison mortgage mortimer moscow mother motherlode motley
motorola mountain mouse movie movies mozart muffin mulder multiplelo munchkin muppet murder murphy murray musashi
muscle mushroom music musica musicman mustafa mustang mustangs mustard mybaby mylife mylove mypass myself mystery
mystic nadine nancy nanjing napass napoleon napster naruto nascar nasty nastya natali natalia natalie natasha
nathalie nathan national natural nature naughty nebraska nellie nelson nemesis neng neptune network nevada newbie
newcastl newlife newman newpass newport newton newyork nfnmzyf nguyen nice nicholas nick nickel nicola nicolas
nicole night nihao nihaoma nike nikita nikki nikola nikolay nimbus nimrod nina niners ninja ninjas nintendo nipper
nipple nipples nirvana nissan nitram nobody nofear nokia nolimit none nong noodle noodles nookie nopass norman
northern norton norway nothing nova novell november nudist nugget number nuts nuttertools nyjets nylons nymets
oakland oakley oasis obiwan oblivion ocean october odessa office ohyeah oicu oilers oklahoma oksana oldman oleg olga
oliver olivia olivier omega onelove onetime online onlyme open openup operator optimus oracle orange oranges orchid
oregon orgasm original orioles orion orlando oscar osiris othello otto outkast outlaw over overkill overlord oxford
pablo pacers pacific packard packer packers pacman padres paint paintbal paintball painter pakistan palace paladin
palmer paloma pamela panama panasoni panasonic pancho panda pandora pantera panther panthers panties pants pantyhos
panzer paper paradise paradox paris park parker parola parrot party pascal pass passat passion passme passpass
passport passwd passwor password passwords passwort patches patricia patrick patriot patriots patton patty paul
paula pauline pavilion payton peace peach peaches peanut peanuts pearl pearljam pebbles pedro peekaboo peewee
pegasus pencil penelope peng penguin penguins penny penthous pentium people pepper pepsi perfect person personal
pervert pete peter peterpan peters peterson petra petrov peugeot peyton phantom pheonix phil philip philippe philips
phillies phillip phillips philly phish phoebe phoenix phone photo photos phpbb pianoman piao picard picasso piccolo
pickle pickles pickup pics picture pierre piglet pikachu pillow pilot pimp pimpin pineappl ping pingpong pinhead
pink pinkfloy pinky pioneer piper pippen pippin pirate pirates pisces pistol pitbull pizza pizzas planet plastic
platinum play playboy player playing playstation playtime please pleasure plumber plymouth pobeda poetry poison
pokemon poker polaris police polina polly polniypizdec polo polska pompey poncho pontiac pony poochie poodle pooh
poohbear pookie pool poontang poop pooper poopie poopoo pooppoop pooter popcorn popeye poppy porkchop porsche porter
portland portugal poseidon positive possum postal potato pothead potter powder powell power powers preacher precious
predator prelude premier presario presto preston pretty primus prince princes princess printer prissy private privet
prodigy profit property prophet proxy psycho public puddin pudding pumpkin punisher punkin punkrock puppies puppy
pupsik purdue purple pussie pussies putter pyramid python q1w2e3r4 qawsed qawsedrf qaz qazqaz qazwsx qazwsxed
qazwsxedc qazwsxedcrfv qazxsw qazxswedc qazzaq qiao qing qinghua quality quan quantum quartz quattro queen queens
quest quincy qwas qwaszx qweasd qweasdzxc qweqwe qwer qwerasdf qwert qwerty qwertyu qwertyui qwertyuio qwertyuiop
rabbit rabota racecar racer racerx rachael rachel racing radio rafael ragnarok raider raiders railroad rain rainbow
rainman raistlin ralph rambler rambo rammstein ramona ramses rancid randall random randy ranger rangers raptor
rascal rasdzv rasputin rasta rastaman raven ravens raymond razz rbhbkk rctybz reader reading ready reagan reality
really realmadrid reaper rebecca rebel rebels recovery redalert redbull reddog redfish redhead redhot redline redman
redneck redrum redskins redsox redwing redwings redwood reebok reefer reggie regina remember remote renault renee
renegade rereirf rescue research resident respect retard retired revenge review reynolds rfhbyf rfnthbyf rfrfirf
rfrnec rfv rhbcnbyf rhfcjnrf rhiannon rhonda rhtdtlrj riben ricardo rich richard richards richie richmond rick ricky
rider rightnow riley ripken ripley ripper ripple river rivers rjirfrgbde rjntyjr rjycnfynby roadkill roadking
roadrunn robbie robert roberta roberto roberts robin robinson robotech rock rocker rocket rockets rockford rockhard
rockon rocks rockstar rocky rodman rodney roger rogers roland roller rolling rolltide roman romance romashka romeo
rommel ronald ronaldo ronnie rookie rooney rooster root rootbeer roscoe rose rosebud rosemary rosie rotten route
rover rovers roxanne royals rtyuehe ruan rubber ruby rugby rules rulez rulezzz runescape runner running rupert rush
ruslan russell russia russian rustam rusty ryan sabbath sabina sabine sabres sabrina sacred sadie safari safety
sailboat sailing sailor saint saints sakura salamander saleen sally salmon salomon salsero salvador samantha samara
samiam sammie sammy sampson samson samsung samtron samuel samurai sanchez sancho sanders sandiego sandman sandra
sandro sandy sanfran santana santiago santos sapper sapphire sara sarah saratoga sascha sasha sassy sasuke satan
satana saturday saturn saun sauron sausage savage savannah sayang scania scanner scarface scarlet scarlett school
science scooby scoobydo scooter scorpio scorpion scotch scotland scott scottie scotty scout scrappy scratch scream
scruffy scuba scully seahawks seamus sean searay search seattle sebastia sebastian second secret secrets secure
security seeker seinfeld select selena seminole semperfi senior sentinel septembe september serega serena serenity
sergei sergey sergi sergio sersolution server service sesame seven shado shadow shadows shaggy shai shalom shaman
shamrock shane shaney shang shanghai shania shannon shaolin shark sharks sharky sharon shasta shaved shawn shazam
shearer sheba sheena sheila shelby shell shelley shelly shemale shengri shenzhen sherlock sherman sherry sherwood
shifan shiloh shirley shogun shooter shopping short shorty shotgun shou showme showtime shun shuxue sidney siemens
sierra silence silver silverad silvia simba simon simona simone simple simpson simpsons sims sinatra sinbad sinclair
singer single sinister sinner sirius sister site sithlord sixers skate skater skeeter skidoo skiing skinny skipper
skippy skittles skorpion skydive skylar skyline skywalke skywalker slacker slappy slapshot slave slayer sleepy slick
slider slinky slipknot slippery small smeghead smegma smelly smile smiles smiley smith smiths smitty smoke smoker
smokes smokey smokin smoking smooth smudge smut snake snakes snapon snapper snapple snatch sneakers snickers sniper
snoop snoopdog snoopy snow snowball snowboar snowman snuggles sobaka soccer socrates softball software soldier
soleil solnce solomon solution somethin something sommer song sonic sonics sonny sony sooner sooners sophia sophie
sound southern southpar southpark space spaceman spanish spank spanking spankme spanky sparkle sparks sparky sparrow
sparta spartak spartan spartans spawn speaker spears special spectrum speed speedy spencer spider spiderma spiderman
spidey spike spirit spitfire splash splinter sponge spongebob spooky sport sporting sports spring springer sprint
sprite spunky spurs sputnik spyder squall squash squirrel squirt srinivas stacey stacy stalin stalker stallion
standard stanford stanley staples star starbuck starcraf starcraft stardust starfire starfish stargate starman stars
starship start starter startrek starwars static station stealth steam steel steele steeler steelers stefan stefano
stella steph stephani stephanie stephen stereo sterlin sterling steve steven stevie stewart stick sticks sticky
stimpy sting stinger stingray stinky stocking stocks stolen stone stonecol stoned stoner stones stoney storm stormy
strange stranger street strider strike striker strip stripper stroke strong stuart stud student studio studly stuff
stumpy stunner stupid subaru sublime subway subzero success sugar sullivan sultan summer summit sundance sunday
sunflowe sunny sunnyday sunrise sunset sunshin sunshine super superfly superman supersta superstar support supreme
surf surfer surfing susan susanne suzanne suzuki sveta svetik svetlana svoboda swallow sweden sweet sweetie sweetpea
sweets sweety swimmer swimming swinger swingers sword swordfis swordfish swords sydney sylvia syncmaster syracuse
system tabitha tacobell tacoma talisman tamara tammy tang tango tank tanker tanner tanya taobao tara tardis target
tarheel tarheels tarzan tasha tatiana tattoo tatyana taurus taylor tazman tazmania tdutybq tdutybz teacher team
technics techno teddy teddybea teen teens tekken telefon temp tempest temple tencent teng tennis tequila teresa
terminal terminator terrapin terror terry test tester testing testtest texas thailand thanatos thanks thankyou
theboss thecat thedog thedude theend thegame thegreat thekid theking theman theodore theone theresa therock thesims
thirteen thomas thompson thongs thor throat thuglife thumbs thumper thunder thunderb thursday tianjin tiberius
tickle tiffany tiger tigers tigger tight tights timber time timmy timothy tina tinker tinkerbell tinman tintin
titanic titanium titans titleist titten titties titty tiyu tobias toby today todd together toledo tolkien tomato
tomcat tommy tommyboy tomorrow tomtom tongue tongxue tony tool toon tootsie topcat topdog topgun topher topper
tornado toronto torres toshiba tottenha tottenham toyota tracey tracker tractor tracy trader traffic train trains
trance transam translator trapper travel traveler travis treasure trebor tree trevor trfnthbyf trial triangle tricia
tricky trident trigger trinidad trinity trisha tristan triton triumph trixie trojan trojans trombone trooper trouble
trout truck trucker trucks truelove truman trumpet trunks trustno tsunami tuan tucker tuesday tulips tunafish tundra
turbo turkey turner turtle tweety twilight twinkle twins twisted twister tyler typhoon tyrone tyson ufkbyf ultima
ultimate umbrella underdog undertaker unicorn unique united universe unknown unreal usarmy user usmc usnavy utopia
vacation vader valencia valentin valentina valera valeri valeria valerie valhalla valkyrie valley vampire vanessa
vanhalen vanilla vasilisa vector vectra vedder vegas vegeta velvet venera venice venus verbatim veritas vermont
vernon verona veronica veronika vertigo vette vfczyz vfhbyf vfhecz vfhufhbnf vfksirf vfrcbv vfrcbvrf vfvekz vfvfgfgf
vfvjxrf viagra victor victoria victory video vietnam viewsonic viking vikings viktor viktoria village vincent vinnie
violet viper vipers virgin virginia vision vitalik vivian vkontakte vladik vladimir vladislav volley volume volvo
voodoo vortex voyager voyeur vulcan wagner walker wallace walleye wally walmart walnut walrus walter wang wangfang
wangjing wangjun wangluo wangwei wangwu wangyi wanker wapbbs warcraft wareagle warhammer warlock warlord warner
warren warrior warriors warthog wasser wassup watcher water waterloo waters watson wayne weasel weather weaver
webmaster webster wedding weed weezer weibo weixin welcome welder wendy werewolf werner wesley west western westham
westside westwood what whatever whatsup wheels whiskers whiskey whisky whisper white whitesox whitey whitney
whocares whynot wibble wicked wilbur wild wildcat wildcats wildfire wildman will willia william williams willie
willis willow willy wilson window windows windsor winner winnie winston winter wisdom wishbone wizard woaini
woaini1314 woaini520 woaiwojia wodemima wolf wolfgang wolfie wolfman wolfpack wolverin wolverine wolves woman wombat
women womenhao wonder wood woody woofwoof woohoo wookie wordpass work working world woshishui wrangler wrestle
wrestlin wrestling wright wrinkle writer wsx wuhan wuli wutang xanadu xander xavier xbox xerxes xfiles xian xiao
xiaohong xiaoli xiaomi xiaoming xiaowang xinnian xinxi xsw2 xtreme xuan xuehao xuesheng xuexiao xueyuan yamaha yang
yankee yankees ybrbnf ybrjkfq yellow yfnfif yfnfkmz yingyu yinyue yoda yomama yosemite youjian young yourmom
youxiang yunnan yvonne yzerman zachary zaphod zaq1 zaq12wsx zaqwsx zaqxsw zenith zeppelin zero zerocool zeus
zhangjing zhangmin zhangsan zhangwei zhaoliu zheda zhei zheng zhengzhi zhifubao zhong zhongguo zhou zhuang zhun
zidane ziggy zigzag zipper zippy zombie zorro zvezda zxasqw zxcasd zxcasdqwe zxcv zxcvbn zxcvbnm
`;

export const COMMON_WORDS: ReadonlySet<string> = new Set(TEXT.trim().split(/\s/));

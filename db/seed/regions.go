package seed

// region is a row of public.regions. The parent of a top region is "".
type region struct {
	slug, name, parent string
}

// regions is the tree, each parent before its children. It is uneven on purpose:
// the depth varies, some regions contain both ports and regions, lithuania
// contains one port and aland none.
var regions = []region{
	{"china", "China", ""},
	{"bohai_rim", "Bohai Rim", "china"},
	{"liaoning", "Liaoning", "bohai_rim"},
	{"tianjin_hebei", "Tianjin and Hebei", "bohai_rim"},
	{"shandong", "Shandong", "bohai_rim"},
	{"yangtze_delta", "Yangtze Delta", "china"},
	{"jiangsu", "Jiangsu", "yangtze_delta"},
	{"zhejiang", "Zhejiang", "yangtze_delta"},
	{"yangtze_inland", "Yangtze Inland", "china"},
	{"yangtze_upper", "Upper Yangtze", "yangtze_inland"},
	{"fujian", "Fujian", "china"},
	{"south_china", "South China", "china"},
	{"pearl_river_delta", "Pearl River Delta", "south_china"},
	{"shenzhen_harbours", "Shenzhen Harbours", "pearl_river_delta"},
	{"xi_river", "Xi River", "south_china"},
	{"beibu_gulf", "Beibu Gulf", "south_china"},
	{"hainan", "Hainan", "south_china"},

	{"northern_europe", "Northern Europe", ""},
	{"scandinavia", "Scandinavia", "northern_europe"},
	{"norway", "Norway", "scandinavia"},
	{"norway_south", "Southern Norway", "norway"},
	{"norway_west", "Western Norway", "norway"},
	{"norway_north", "Northern Norway", "norway"},
	{"sweden", "Sweden", "scandinavia"},
	{"sweden_west", "Western Sweden", "sweden"},
	{"sweden_east", "Eastern Sweden", "sweden"},
	{"denmark", "Denmark", "scandinavia"},
	{"finland", "Finland", "northern_europe"},
	{"bothnia", "Gulf of Bothnia", "finland"},
	{"aland", "Åland", "finland"},
	{"baltic_states", "Baltic States", "northern_europe"},
	{"estonia", "Estonia", "baltic_states"},
	{"latvia", "Latvia", "baltic_states"},
	{"lithuania", "Lithuania", "baltic_states"},
	{"russia_baltic", "Russian Baltic", "northern_europe"},
	{"poland", "Poland", "northern_europe"},
	{"germany", "Germany", "northern_europe"},
	{"germany_baltic", "German Baltic Coast", "germany"},
	{"benelux", "Benelux", "northern_europe"},
	{"scheldt", "Scheldt Estuary", "benelux"},
	{"british_isles", "British Isles", "northern_europe"},
	{"great_britain", "Great Britain", "british_isles"},
	{"scotland", "Scotland", "great_britain"},
	{"ireland", "Ireland", "british_isles"},
	{"north_atlantic", "North Atlantic Islands", "northern_europe"},
}

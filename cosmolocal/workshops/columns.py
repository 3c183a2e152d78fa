"""What the columns of a table of workshops mean: by their names in four languages, else by what stands in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cosmolocal.errors import InputError, Problem, say
from cosmolocal.workshops.found import plain_name, read_coordinate, read_pair

CODES = {
    "W061": "a column of a list stands for nothing that is needed, or two columns stand for the same",
}
#: what a column may stand for, with what it is called elsewhere (small letters without accents and signs)
SYNONYMS = {
    "id": "id identifier key slug url ref reference code codigo codi identifiant identificador",
    "name": "name title lab fablab workshop facility makerspace organisation organization nom nombre titulo titol "
    "taller atelier espacio espai denominacion denominacio denomination labname facilityname workshopname",
    "lat": "lat latitude latitud y ycoord northing gpslat latwgs84 latdd",
    "lon": "lon lng long longitude longitud x xcoord gpslon lonwgs84 londd",
    "lat_lon": "latlon latlng coordinates coordenadas coordenades coordonnees gps gpscoordinates gpscoordenadas "
    "position location geopoint geo",
    "address": "address street addr address1 streetaddress fulladdress adresse direccion adreca domicilio domicili "
    "calle carrer rue",
    "city": "city town citytown ciudad ciutat ville municipio municipi commune localidad localitat poblacion poblacio",
    "country": "country countrycode pais pays iso2",
    "status": "status facilitystatus activitystatus estado estat statut",
    "equipment": "equipment machines tool tools capabilities capability type machinetype process processes "
    "equipmenttype "
    "manufacturingprocess manufacturingprocesses equipo equipos equipamiento equipament equips equipement equipements "
    "maquinas maquina maquines herramientas eines outils tipo tipus procesos processos procedes capacidades",
    "make": "make brand manufacturer marca marque fabricante fabricant",
    "model": "model machine machinename modelo modele nombremaquina",
    "machines": "quantity qty count number howmany units cantidad quantitat quantite unidades unitats nombremachines "
    "nummachines",
    "weekly_hours": "weeklyhours hoursperweek hoursaweek hours horassemanales horassemana horessetmanals horessetmana "
    "heuresparsemaine heures horas hores",
    "hourly_cost": "hourlycost costperhour costanhour eurperhour europerhour eurosperhour euroanhour eurosanhour "
    "priceperhour priceanhour price cost costehora precio preu preuhora "
    "prixparheure tarif tarifa couthoraire preciohora",
    "envelope_mm": "envelope envelopemm bed bedmm bedinmm bedsize buildvolume workingarea worksurface area "
    "areadetrabajo areadetreball",
    "materials": "materials material materialsworked typicalmaterials materiales materiaux",
    "tolerance": "tolerance toleranceclass iso2768 tolerancia",
}
FIELDS = tuple(SYNONYMS)
LEFT_OUT = ""
_FIELD_BY_NAME = {plain_name(word): field for field in reversed(FIELDS) for word in (*SYNONYMS[field].split(), field)}


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is taken for."""

    header: str
    #: `LEFT_OUT`: for nothing
    field: str
    #: how that was found: stated, name, values, or "" for a column that is left out
    found_by: str


def field_of(header: str) -> str:
    """Return what a column of this name stands for; "": nothing known.

    >>> field_of("Latitud"), field_of("Dirección"), field_of("lat, lon"), field_of("colour")
    ('lat', 'address', 'lat_lon', '')
    """
    return _FIELD_BY_NAME.get(plain_name(header), LEFT_OUT)


def propose_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], stated: Mapping[str, str]
) -> tuple[Column, ...]:
    """Return what each column stands for: as stated, else by name, else by what its first rows hold.

    Of several columns for one field the first counts, the others are left out; an exact name counts before a synonym.

    Raises
    ------
    InputError
        When what is stated names no column or no field, or names a field twice.
    """
    _require_sound(header, stated)
    chosen = [Column(name, stated[name], "stated") if name in stated else Column(name, "", "") for name in header]
    taken = {column.field for column in chosen if column.field}
    for exact in (True, False):
        for number, name in enumerate(header):
            field = field_of(name)
            fits = (plain_name(name) == plain_name(field)) if exact else bool(field)
            if name not in stated and not chosen[number].field and fits and field and field not in taken:
                chosen[number] = Column(name, field, "name")
                taken.add(field)
    for number, name in enumerate(header):
        if name not in stated and not chosen[number].field:
            field = _field_by_values([row[number] for row in rows[:200] if number < len(row)], taken)
            if field:
                chosen[number] = Column(name, field, "values")
                taken.add(field)
    return tuple(chosen)


def _require_sound(header: Sequence[str], stated: Mapping[str, str]) -> None:
    problems = []
    for name, field in stated.items():
        if name not in header:
            told = say("found %(found)s; the columns are %(names)s", found=repr(name), names=", ".join(header))
            problems.append(Problem("W061", "columns", told))
        if field not in (*FIELDS, LEFT_OUT):
            told = say("found %(found)s; must be one of %(names)s", found=repr(field), names=", ".join(FIELDS))
            problems.append(Problem("W061", "columns", told))
    fields = [field for field in stated.values() if field]
    for field in sorted({field for field in fields if fields.count(field) > 1}):
        told = say("found two columns for %(field)s; one can stand for it", field=field)
        problems.append(Problem("W061", "columns", told))
    if problems:
        raise InputError(problems)


def _field_by_values(cells: Sequence[str], taken: set[str]) -> str:
    """Return what cells look like: pairs of coordinates only; a number on its own may be anything."""
    filled = [cell for cell in cells if cell.strip()]
    pairs = [pair for cell in filled if (pair := read_pair(cell)) is not None and "." in cell + ","]
    if filled and len(pairs) == len(filled) and not taken & {"lat_lon", "lat", "lon"}:
        return "lat_lon"
    if "name" not in taken and filled and len(set(filled)) == len(filled):
        words = [cell for cell in filled if any(map(str.isalpha, cell)) and read_coordinate(cell, 1e9) is None]
        return "name" if len(words) == len(filled) else LEFT_OUT
    return LEFT_OUT


def check_columns(columns: Sequence[Column], where: str) -> list[Problem]:
    """Return what is needed and stands in no column: a name, and where it is."""
    fields = {column.field for column in columns}
    header = ", ".join(column.header for column in columns)
    problems = []
    if "name" not in fields:
        told = say(
            "no column holds the name of a workshop, among %(names)s; say which one does (--map COLUMN=name)",
            names=header,
        )
        problems.append(Problem("W061", where, told))
    if not ({"lat", "lon"} <= fields or fields & {"lat_lon", "address"}):
        told = say(
            "no column says where a workshop is, among %(names)s; say which does (--map COLUMN=lat, lon or address)",
            names=header,
        )
        problems.append(Problem("W061", where, told))
    return problems

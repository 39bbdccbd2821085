"""The simplest baseline: words that give a label away, in both languages."""

from __future__ import annotations

import re

import numpy as np

from .ngrams import normalise

# On text in lower case without accents. Written from the labelling guide, not from the requests.
HARD = r"""
why|how (do|does|can|would|to)|explain\w*|error\w*|exception|bug\w*|code|script|function|sql|python|java\w*|rust|
swift|docker|linux|config\w*|server|calculate|comput\w+|solve|equation\w*|formula|integral|probability|statistic\w*|
proof|prove|theorem|compare|comparison|difference|versus|vs|which is better|better to|should i|pros and cons|
analy[sz]\w*|summari[sz]\w*|diagnos\w*|symptom\w*|dose|mg|tax\w*|mortgage|loan|interest|contract|legal\w*|law|clause|
physics|chemistry|engine|voltage|plan|budget|por que|como (se|puedo|hago|funciona|calculo)|explic\w*|fallo|falla|
codigo|funcion|calcul\w*|resuelv\w*|resolver|ecuacion\w*|probabilidad|estadistic\w*|demostr\w*|teorema|compar\w*|
diferencia\w*|que es mejor|conviene|ventajas|analiz\w*|resum\w*|sintoma\w*|dosis|impuesto\w*|hipoteca|prestamo|
intereses|contrato|clausula\w*|ley|fisica|quimica|motor|voltaje|planific\w*|presupuesto
"""
SOFT = r"""
feel\w*|sad|afraid|scared|anxious|angry|ashamed|proud|lonely|cry\w*|miss (him|her|them|you|my)|sorry|apologi[sz]\w*|
break up|how do i tell|tell (him|her|my)|poem\w*|story|joke\w*|funny|rhyme\w*|song|lyrics|haiku|toast|slogan\w*|
caption\w*|love letter|birthday|congratulat\w*|condolence\w*|kind\w*|polite\w*|warm\w*|tone|softer|gentl\w*|
friendl\w*|pretend|imagine|invent|sient\w*|siento|triste\w*|miedo|asustad\w*|ansie\w*|rabia|verguenza|orgullos\w*|
sol[oa]|llor\w*|extran\w*|echo de menos|perdon\w*|disculp\w*|como le digo|decirle|poema\w*|poesia|cuento|historia|
chiste\w*|gracios\w*|divertid\w*|rima\w*|cancion|brindis|eslogan|carta de amor|cumpleanos|felicit\w*|pesame|
condolencias|amable\w*|carinos\w*|bonit\w*|tono|suave|invent\w*|imagina
"""
WEB = r"""
today|tonight|tomorrow|now|right now|latest|newest|current\w*|this (week|weekend|year|month)|still|news|weather|
forecast|traffic|price\w*|cost|how much is|open|opening|close|closes|hours|schedule|timetable|score|results?|
available|in stock|near me|release\w*|down|deadline|tickets?|link\w*|look up|search|google|reviews?|stock|
exchange rate|20(2[4-9]|3\d)|hoy|esta (noche|semana|tarde)|este (ano|mes|finde|fin de semana)|manana|ahora|ahorita|
ultim[oa]s?|actual\w*|todavia|sigue|noticias|clima|tiempo hace|pronostico|trafico|precio\w*|cuanto (cuesta|vale|esta)|
abre\w*|abiert[oa]|cierra\w*|horario\w*|resultado\w*|marcador|quedo|disponib\w*|cerca de|caid[oa]|plazo|entradas|
boletos|enlace\w*|busca\w*|opiniones|dolar|cotiza\w*|vuelo
"""


def compiled(words: str) -> re.Pattern[str]:
    """A pattern for any of the words, whole."""
    return re.compile(r"\b(?:" + words.replace("\n", "") + r")\b")


PATTERNS = [compiled(words) for words in (HARD, SOFT, WEB)]
CODE = re.compile(r"[{};=<>$\\]{2}|\w+\.\w+\(|[a-z]+_[a-z]+|\d+\s*[-+*/^=]\s*\d+|\n.*\n")


def scores(texts: list[str]) -> np.ndarray:
    """1 or 0 for each text and label."""
    rows = []
    for text in texts:
        normalised = normalise(text)
        found = [float(bool(pattern.search(normalised))) for pattern in PATTERNS]
        found[0] = max(found[0], float(bool(CODE.search(text))))
        rows.append(found)
    return np.array(rows)

# The dashboard alone, on a CPU. Publish it to your own machine only, for it has no log-in:
#   docker build -t plumage . && docker run -p 127.0.0.1:8501:8501 -v plumage:/data plumage
FROM python:3.12-slim

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1 PLUMAGE_HOME=/data

RUN useradd --create-home --uid 10001 plumage && install -d -o plumage -g plumage /data
WORKDIR /app

# torch for CPUs first, a tenth of the default build; the rest finds it there.
COPY requirements.txt requirements.lock ./
RUN pip install torch torchvision -c requirements.lock --index-url https://download.pytorch.org/whl/cpu \
    && pip install -r requirements.txt -c requirements.lock

COPY LICENSE app.py ./
COPY .streamlit .streamlit
COPY assets assets
COPY engine engine
COPY pages pages

USER plumage
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.port", "8501", "--server.headless", "true"]
